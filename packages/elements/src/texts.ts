/** The English texts. `{provider}` stands for the provider's name, `{date}` for a day. */
export const english = {
  search: "Search integrations",
  noneFound: "Nothing matches your search.",
  none: "Nothing is connected yet.",
  loading: "Loading…",
  working: "One moment…",
  handed_over: "Done. You can close this window.",
  provider: "The provider",

  connect: "Connect",
  another: "Connect another",
  reconnect: "Connect again",
  replaceKey: "Replace key",
  grant: "Grant permissions",
  test: "Test",
  disconnect: "Disconnect",
  cancel: "Cancel",
  close: "Close",
  retry: "Try again",
  goOn: "Continue here",
  use: "Use this account",

  account: "Account",
  name: "Name",
  nameHelp: "Lower-case letters, digits and hyphens",
  optional: "optional",
  docs: "About {provider}",
  required: "Please fill this in.",
  malformed: "This value is not valid.",

  fine: "Connected",
  attention: "Needs attention",
  since: "Connected on {date}",
  by: "by {user}",
  ofUser: "Belongs to {user}",
  healthy: "{good} connected, {bad} need attention",

  waiting: "Go on in the other window.",
  closed:
    "{provider} is not connected yet. If the other window is still open, go on there; otherwise connect again.",
  blocked: "Your browser did not open a window.",
  choosing: "Which account of {provider}?",
  confirm: "Disconnect {provider}? Its access ends at once.",
  missing_scopes: "More permissions are needed.",

  connected: "{provider} is connected.",
  disconnected: "{provider} is disconnected.",
  pending_approval:
    "Your request was sent. Somebody at your organisation has to approve it at {provider}.",
  ok: "{provider} accepts the connection.",
  rejected: "{provider} does not accept the connection. Connect again.",
  not_supported: "{provider} cannot be tested.",

  ended: "The access has ended. Connect again.",
  grant_revoked: "{provider} no longer accepts our access. Connect again to keep it.",
  credential_rejected: "{provider} no longer accepts the key. Replace it.",
  refresh_failed: "Something is wrong on our side. We are looking at it.",

  access_denied: "{provider} was not connected, because the access was not granted.",
  provider_unavailable: "{provider} does not answer at the moment.",
  insufficient_scope: "Every permission is needed. Connect again and leave them all ticked.",
  account_mismatch: "This is another account than before. Use the former one, or disconnect first.",
  account_not_permitted: "You may not connect this account. Ask its owner.",
  account_already_connected: "This account is connected already.",
  already_connected: "{provider} is connected already.",
  session_expired: "You were signed out. Sign in and try again.",
  forbidden: "You may not do this. Ask an administrator.",
  rate_limit_exceeded: "That was too often. Wait a minute.",
  credential_validation_failed: "{provider} does not accept these values.",
  validation_error: "Please check what you have entered.",
  unreachable: "The server cannot be reached. Check your connection.",
  other: "{provider}: something went wrong. Try again."
}

/** Every text that a person reads. */
export type Texts = { readonly [Name in keyof typeof english]: string }
