// What people read for each word of the contract.

/** Why a flow did not connect. */
const failures = {
  access_denied: "you did not allow access, so nothing was connected.",
  account_already_connected: "this account is connected already, under another name.",
  account_mismatch:
    "this is another account than before. Sign in there with the former one, or disconnect first.",
  account_not_permitted: "you may not connect this account. Ask its owner.",
  already_connected: "it is connected already.",
  insufficient_scope: "less was allowed than is needed. Connect again and leave it ticked.",
  provider_unavailable: "the provider does not answer at the moment. Try again in a minute.",
  session_expired: "you were signed out. Sign in and connect again."
}

export const failure = (error) => failures[error] ?? "connecting did not work. Try again."

/** What is wrong with a connection, and what helps. Undefined if it works, or its owner has ended it. */
export const trouble = ({ error, status }, provider) => {
  if (error === undefined) return undefined
  if (status === "disconnected")
    return `The access to ${provider} has ended: it was withdrawn there, or has expired.`
  return (
    {
      provider_unavailable: `${provider} does not answer at the moment. Nothing is lost, and there is nothing to do.`,
      grant_revoked: `${provider} no longer accepts our access: it seems to be withdrawn there.`
    }[error] ?? "Something is wrong on our side. We are looking at it."
  )
}

/** What came of a use of a connection. */
export const used = ({ error, status }, provider) =>
  error === undefined
    ? `${provider}'s API answered ${status}.`
    : error === "reconnect_required"
      ? `${provider} answered that the access has ended.`
      : `${provider}'s API could not be called (${error}).`

export const tested = ({ reason, status }, provider) =>
  status === "ok"
    ? `${provider} accepts the key.`
    : ({ rejected: `${provider} no longer accepts the key.` }[reason] ??
      `${provider} could not be asked about the key.`)
