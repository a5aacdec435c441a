import * as effect from "@hawser/effect"
import { createHawser, type Hawser, type HawserOptions, type Store } from "hawser"

/** A store of the bundle, or one of layers. */
export type AnyStore = Store | effect.Store

export type AnyOptions = Omit<HawserOptions, "store"> & { readonly store: AnyStore }

const isOfLayers = (options: AnyOptions): options is effect.HawserOptions =>
  "layer" in options.store

/** Starts Hawser on a store of either kind, each as a host would. */
export const startHawser = async (options: AnyOptions): Promise<Hawser> =>
  isOfLayers(options) ? effect.createHawser(options) : createHawser(options as HawserOptions)
