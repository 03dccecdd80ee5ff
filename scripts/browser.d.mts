export declare const LAUNCH_ARGUMENTS: readonly string[]
export declare function findBrowser(): string
