import type { Texts } from "./texts.ts"

/** The German texts. */
export const german: Texts = {
  search: "Suchen",
  noneFound: "Nichts gefunden.",
  none: "Noch ist nichts verbunden.",
  loading: "Wird geladen …",
  working: "Einen Moment …",
  handed_over: "Sie können dieses Fenster schließen.",

  connect: "Verbinden",
  reconnect: "Neu verbinden",
  replaceKey: "Schlüssel ersetzen",
  grant: "Rechte erteilen",
  test: "Testen",
  disconnect: "Trennen",
  cancel: "Abbrechen",
  close: "Schließen",
  retry: "Erneut versuchen",
  goOn: "Hier fortfahren",

  name: "Name",
  nameHelp: "Kleinbuchstaben, Ziffern und Bindestriche",
  optional: "optional",
  required: "Bitte ausfüllen.",
  malformed: "Das ist nicht gültig.",

  fine: "Verbunden",
  attention: "Braucht Aufmerksamkeit",
  by: "von {}",
  ofUser: "gehört {}",
  healthy: "{} verbunden",
  unhealthy: "{} mit Problemen",
  since: "Verbunden am {}",

  waiting: "Fahren Sie im anderen Fenster fort.",
  closed:
    "{} ist noch nicht verbunden. Fahren Sie im anderen Fenster fort, oder verbinden Sie neu.",
  blocked: "Ihr Browser hat kein Fenster geöffnet.",
  choosing: "Welches Konto von {}?",
  confirm: "{} trennen? Der Zugriff endet sofort.",
  missing_scopes: "Es fehlen Rechte: {}.",

  connected: "{} ist verbunden.",
  disconnected: "{} ist getrennt.",
  pending_approval: "Jemand muss es bei {} genehmigen.",
  ok: "{} akzeptiert die Verbindung.",
  rejected: "{} akzeptiert die Verbindung nicht. Verbinden Sie neu.",
  unreachable: "{} antwortet gerade nicht.",
  not_supported: "{} lässt sich nicht testen.",

  ended: "Der Zugriff ist beendet. Verbinden Sie neu.",
  grant_revoked: "{} akzeptiert unseren Zugriff nicht mehr. Verbinden Sie neu.",
  credential_rejected: "{} akzeptiert den Schlüssel nicht mehr. Ersetzen Sie ihn.",
  refresh_failed: "Bei uns stimmt etwas nicht. Wir kümmern uns darum.",

  access_denied: "{} wurde nicht verbunden, weil der Zugriff nicht erlaubt wurde.",
  provider_unavailable: "{} antwortet gerade nicht.",
  insufficient_scope: "Alle Rechte werden benötigt. Verbinden Sie neu und erteilen Sie alle.",
  account_mismatch:
    "Das ist ein anderes Konto als zuvor. Nehmen Sie jenes, oder trennen Sie zuerst.",
  account_not_permitted: "Sie dürfen dieses Konto nicht verbinden. Fragen Sie seinen Inhaber.",
  account_already_connected: "Dieses Konto ist bereits verbunden.",
  already_connected: "{} ist bereits verbunden.",
  session_expired: "Sie wurden abgemeldet. Melden Sie sich an und verbinden Sie neu.",
  unauthorized: "Bitte melden Sie sich an.",
  forbidden: "Das dürfen Sie nicht. Fragen Sie einen Administrator.",
  rate_limit_exceeded: "Das war zu oft. Warten Sie eine Minute.",
  credential_validation_failed: "{} akzeptiert das nicht.",
  validation_error: "Bitte prüfen Sie Ihre Eingaben.",
  no_answer: "Der Server ist nicht erreichbar.",
  other: "Etwas ist schiefgegangen. Versuchen Sie es erneut."
}
