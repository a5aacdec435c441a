import type { Texts } from "./texts.ts"

/** The German texts. */
export const german: Texts = {
  search: "Integrationen suchen",
  noneFound: "Nichts passt zu Ihrer Suche.",
  none: "Noch ist nichts verbunden.",
  loading: "Wird geladen …",
  working: "Einen Moment …",
  handed_over: "Fertig. Sie können dieses Fenster schließen.",
  provider: "Der Anbieter",

  connect: "Verbinden",
  another: "Weitere verbinden",
  reconnect: "Neu verbinden",
  replaceKey: "Schlüssel ersetzen",
  grant: "Rechte erteilen",
  test: "Testen",
  disconnect: "Trennen",
  cancel: "Abbrechen",
  close: "Schließen",
  retry: "Erneut versuchen",
  goOn: "Hier fortfahren",
  use: "Dieses Konto verwenden",

  account: "Konto",
  name: "Name",
  nameHelp: "Kleinbuchstaben, Ziffern und Bindestriche",
  optional: "optional",
  docs: "Über {provider}",
  required: "Bitte ausfüllen.",
  malformed: "Dieser Wert ist nicht gültig.",

  fine: "Verbunden",
  attention: "Braucht Aufmerksamkeit",
  since: "Verbunden am {date}",
  by: "von {user}",
  ofUser: "Gehört {user}",
  healthy: "{good} verbunden, {bad} mit Problemen",

  waiting: "Fahren Sie im anderen Fenster fort.",
  closed:
    "{provider} ist noch nicht verbunden. Ist das andere Fenster noch offen, fahren Sie dort fort; sonst verbinden Sie neu.",
  blocked: "Ihr Browser hat kein Fenster geöffnet.",
  choosing: "Welches Konto von {provider}?",
  confirm: "{provider} trennen? Der Zugriff endet sofort.",
  missing_scopes: "Es werden weitere Rechte benötigt.",

  connected: "{provider} ist verbunden.",
  disconnected: "{provider} ist getrennt.",
  pending_approval:
    "Ihre Anfrage wurde gesendet. Jemand in Ihrer Organisation muss sie bei {provider} genehmigen.",
  ok: "{provider} akzeptiert die Verbindung.",
  rejected: "{provider} akzeptiert die Verbindung nicht. Verbinden Sie neu.",
  not_supported: "{provider} lässt sich nicht testen.",

  ended: "Der Zugriff ist beendet. Verbinden Sie neu.",
  grant_revoked: "{provider} akzeptiert unseren Zugriff nicht mehr. Verbinden Sie neu.",
  credential_rejected: "{provider} akzeptiert den Schlüssel nicht mehr. Ersetzen Sie ihn.",
  refresh_failed: "Bei uns stimmt etwas nicht. Wir kümmern uns darum.",

  access_denied: "{provider} wurde nicht verbunden, weil der Zugriff nicht erlaubt wurde.",
  provider_unavailable: "{provider} antwortet gerade nicht.",
  insufficient_scope: "Alle Rechte werden benötigt. Verbinden Sie neu und lassen Sie alle erteilt.",
  account_mismatch:
    "Das ist ein anderes Konto als zuvor. Nehmen Sie das frühere, oder trennen Sie zuerst.",
  account_not_permitted: "Sie dürfen dieses Konto nicht verbinden. Fragen Sie seinen Inhaber.",
  account_already_connected: "Dieses Konto ist bereits verbunden.",
  already_connected: "{provider} ist bereits verbunden.",
  session_expired: "Sie wurden abgemeldet. Melden Sie sich an und versuchen Sie es erneut.",
  forbidden: "Das dürfen Sie nicht. Fragen Sie einen Administrator.",
  rate_limit_exceeded: "Das war zu oft. Warten Sie eine Minute.",
  credential_validation_failed: "{provider} akzeptiert diese Werte nicht.",
  validation_error: "Bitte prüfen Sie Ihre Eingaben.",
  unreachable: "Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung.",
  other: "{provider}: Etwas ist schiefgegangen. Versuchen Sie es erneut."
}
