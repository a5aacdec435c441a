/** The English texts. `{}` stands for the name of the provider, or of what else is spoken of. */
export const english = {
  search: "Search",
  noneFound: "Nothing found.",
  loading: "Loading…",
  working: "One moment…",
  handed_over: "You can close this window.",

  connect: "Connect",
  reconnect: "Connect again",
  replaceKey: "Replace key",
  grant: "Grant permissions",
  disconnect: "Disconnect",
  cancel: "Cancel",
  close: "Close",
  retry: "Try again",
  goOn: "Continue here",

  name: "Name",
  nameHelp: "a–z, 0–9 and hyphens",
  optional: "optional",
  required: "Please fill this in.",
  malformed: "This is not valid.",

  fine: "Connected",
  attention: "Needs attention",

  waiting: "Go on in the other window.",
  closed: "{} is not connected yet. Go on in the other window, or connect again.",
  blocked: "Your browser did not open a window.",
  choosing: "Which account of {}?",
  confirm: "Disconnect {}? Its access ends at once.",

  connected: "{} is connected.",
  disconnected: "{} is disconnected.",
  pending_approval: "Somebody has to approve it at {}.",

  ended: "The access has ended. Connect again.",
  missing_scopes: "Permissions are missing: {}.",
  grant_revoked: "{} no longer accepts our access. Connect again.",
  credential_rejected: "{} no longer accepts the key. Replace it.",
  refresh_failed: "Something is wrong on our side.",

  access_denied: "Access to {} was not granted.",
  provider_unavailable: "{} does not answer at the moment.",
  insufficient_scope: "Connect again, and grant every permission.",
  account_mismatch: "Use the same account as before, or disconnect first.",
  account_not_permitted: "You may not connect this account. Ask its owner.",
  account_already_connected: "This account is connected already.",
  already_connected: "{} is connected already.",
  session_expired: "You were signed out. Sign in and connect again.",
  unauthorized: "Please sign in.",
  forbidden: "You may not do this. Ask an administrator.",
  rate_limit_exceeded: "That was too often. Wait a minute.",
  credential_validation_failed: "{} does not accept this.",
  validation_error: "Please check your input.",
  no_answer: "The server cannot be reached.",
  other: "Something went wrong. Try again."
}

/** What `<hawser-health>` says besides. */
export const englishOfHealth = {
  none: "Nothing is connected yet.",
  healthy: "{} connected",
  unhealthy: "{} need attention",
  since: "Connected on {}",
  by: "by {}",
  ofUser: "belongs to {}",
  test: "Test",
  ok: "{} accepts the connection.",
  rejected: "{} does not accept the connection. Connect again.",
  unreachable: "{} does not answer at the moment.",
  not_supported: "{} cannot be tested."
}

/** Every text that a person reads. */
export type Texts = {
  readonly [Name in keyof typeof english | keyof typeof englishOfHealth]: string
}
