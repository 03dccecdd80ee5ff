declare const brand: unique symbol

/** A type that only its parser can make. It exists for the compiler alone: the value is a plain `T`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
