/** Nothing lives in this room yet. */
export const empty = true as const;
