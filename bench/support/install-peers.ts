import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Installs the packages of the folder when those of its lockfile are not all there. They are for this bench alone, so the project's own `npm ci` has none of them. */
export async function installPeers(folder: string): Promise<void> {
  const wanted = await packagesOf(join(folder, 'package-lock.json'))
  const installed = await packagesOf(join(folder, 'node_modules/.package-lock.json'))
  const isMissing = [...wanted].some(([place, { version, optional }]) => !optional && installed.get(place)?.version !== version)
  if (!isMissing) return
  console.log(`Installing the peers of the lockfile (npm ci in ${folder})…`)
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    npm.on('error', reject)
    npm.on('close', resolve)
  })
  if (code !== 0) throw new Error(`the peers could not be installed: npm ci in ${folder} ended with ${code}`)
}

interface Package {
  readonly version?: string
  readonly optional?: boolean
}

/** What a lockfile holds, by place; npm keeps such a list of what it has installed, too. */
async function packagesOf(lockfile: string): Promise<ReadonlyMap<string, Package>> {
  let text
  try {
    text = await readFile(lockfile, 'utf8')
  } catch {
    return new Map() // Nothing has been installed yet.
  }
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Package>> }
  return new Map(Object.entries(packages).filter(([place]) => place !== ''))
}
