import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"

/** The vendors that are known for doing something in their own way. */
const rows = [
  "github (OAuth App)",
  "github (App)",
  "gitlab",
  "bitbucket",
  "google",
  "microsoft / entra",
  "slack",
  "notion",
  "linear",
  "jira cloud",
  "confluence",
  "jira data center",
  "asana",
  "trello",
  "hubspot",
  "salesforce",
  "zendesk",
  "intercom",
  "pagerduty",
  "datadog",
  "sentry",
  "new relic",
  "opsgenie",
  "grafana",
  "stripe (Connect)",
  "stripe (Apps)",
  "shopify",
  "quickbooks",
  "xero",
  "zoom",
  "discord",
  "dropbox",
  "box",
  "figma",
  "airtable",
  "clickup",
  "monday",
  "mailchimp",
  "calendly",
  "typeform",
  "webflow",
  "x / twitter",
  "linkedin",
  "facebook",
  "aws",
  "cloudflare",
  "vercel",
  "netlify",
  "supabase",
  "openai",
  "anthropic",
  "twilio",
  "sendgrid",
  "snowflake",
  "shortcut"
]

/** What stands before the colon in the titles of the files beside this one. */
const named = new Set(
  readdirSync(import.meta.dirname)
    .filter((name) => /^quirks-.+\.test\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, import.meta.url), "utf8"))
    .flatMap((text) =>
      [...text.matchAll(/\("(?<row>[^":]+): /g)].map(({ groups }) => groups?.["row"])
    )
)

it("each vendor of the table of quirks has a test that is named after it", () => {
  expect(rows.filter((row) => !named.has(row))).toEqual([])
})
