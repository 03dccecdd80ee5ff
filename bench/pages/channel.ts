import { wireBytes } from './wire.ts'
import { isSamePerson, people, person, type Person } from '../documents.ts'
import { createArrivals } from './arrivals.ts'
import type { Departure } from './api.ts'
import { createClockComparison, now } from './clock.ts'

/* The yardstick of everything between two tabs: a bare data channel, one JSON message per document, parsed and counted, nothing stored. */

let connection: RTCPeerConnection | undefined
let channel: RTCDataChannel | undefined
let opened = Promise.withResolvers<number>()
/** What the tab waits for. */
let fetched: { readonly key: string; readonly resolve: () => void } | undefined
const received = new Map<string, Person>()
const arrivals = createArrivals()

globalThis.channelPage = {
  offer: async () => {
    const made = connect()
    useChannel(made.createDataChannel('bench'))
    return describe(made, await made.createOffer())
  },
  answer: async (offer) => {
    const made = connect()
    made.addEventListener('datachannel', (event) => useChannel(event.channel))
    await made.setRemoteDescription({ type: 'offer', sdp: offer })
    return describe(made, await made.createAnswer())
  },
  accept: async (answer) => connection?.setRemoteDescription({ type: 'answer', sdp: answer }),
  untilOpen: () => opened.promise,
  send: async (first, count) => {
    const documents = people(first, count)
    const start = now()
    for (const [index, document] of documents.entries()) sendPerson(first + index, document)
    return start
  },
  sendPaced: async (first, count, pause) => {
    const departures: Departure[] = []
    for (let number = first; number < first + count; number++) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      const document = person(number)
      const called = now()
      sendPerson(number, document)
      departures.push({ key: String(number), called, done: now() })
    }
    return departures
  },
  fetchEach: async (first, count) => {
    const times: number[] = []
    for (let number = first; number < first + count; number++) {
      const start = now()
      const person = Promise.withResolvers<void>()
      fetched = { key: String(number), resolve: person.resolve }
      openChannel().send(JSON.stringify({ wanted: number }))
      await person.promise
      times.push(now() - start)
    }
    return times
  },
  verify: (first, count) => {
    for (let number = first; number < first + count; number++) {
      if (!isSamePerson(person(number), received.get(String(number)))) throw new Error(`message ${number} is missing or wrong`)
    }
  },
  watch: (show) => {
    received.clear()
    arrivals.watch(show)
  },
  untilArrived: (count) => arrivals.untilArrived(count),
  arrivals: () => arrivals.list(),
  wireBytes,
  clockOffset: createClockComparison('clock'),
  close: () => connection?.close(),
}

function connect(): RTCPeerConnection {
  connection?.close()
  channel = undefined
  opened = Promise.withResolvers()
  connection = new RTCPeerConnection({ iceServers: [] })
  return connection
}

/** The description with all candidates in it: the harness carries one text each way. */
async function describe(made: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<string> {
  await made.setLocalDescription(description)
  while (made.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 1))
  return made.localDescription?.sdp ?? ''
}

function useChannel(made: RTCDataChannel): void {
  channel = made
  made.addEventListener('open', () => opened.resolve(now()))
  made.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as { readonly key: string; readonly document: Person } | { readonly wanted: number }
    if ('wanted' in message) return sendPerson(message.wanted, person(message.wanted))
    received.set(message.key, message.document)
    arrivals.arrived(message.key)
    if (fetched?.key === message.key) fetched.resolve()
    if (arrivals.isShowing) arrivals.show(message.key, message.document.name)
  })
}

function sendPerson(number: number, document: Person): void {
  openChannel().send(JSON.stringify({ key: String(number), document }))
}

function openChannel(): RTCDataChannel {
  if (channel === undefined) throw new Error('there is no channel')
  return channel
}
