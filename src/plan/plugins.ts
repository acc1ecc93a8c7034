/** A plugin of the picker that a pool names. */
export interface PluginUse {
  readonly name: string;
  /** Of a scorer; absent: its default, or 1 where it has none. */
  readonly weight?: number;
  /** Those that are not its defaults. They have been checked. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What plugins manifests may name: the picker's, told to what reads manifests. */
export interface PluginCatalog {
  readonly scorers: readonly string[];
  readonly filters: readonly string[];
  /** What is wrong with a plugin's parameters. */
  problems(
    plugin: string,
    given: Readonly<Record<string, unknown>>,
  ): readonly { readonly name: string; readonly message: string }[];
}
