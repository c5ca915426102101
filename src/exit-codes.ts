/** What `weir run` ends with, whichever of its processes says so. */
export const DONE = 0;
export const CANNOT_BIND = 69;
export const DRAIN_CUT_SHORT = 75;
export const CANNOT_BE_LOADED = 78;
