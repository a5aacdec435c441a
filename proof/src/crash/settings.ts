/** Long enough for the whole request, short enough to be waited for. */
export const leaseSeconds = 4
export const sendWithinMs = 1_500
export const requestMs = 2_000
