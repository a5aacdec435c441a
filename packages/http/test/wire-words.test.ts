import {
  ConnectFailed,
  DecryptionFailed,
  ProviderId,
  TooManyCredentials,
  TooManyPendingFlows
} from "@hawser/core"
import { expect, it } from "vitest"
import { errorAnswer, type WireError } from "../src/errorAnswer.ts"
import { BodyAlreadyRead, InstallationWithoutFlow } from "../src/requestErrors.ts"

it.each<readonly [WireError, code: string, word: string]>([
  [new BodyAlreadyRead(), "body_already_read", "internal_error"],
  [
    new ConnectFailed({ provider: ProviderId.make("forge"), reason: "provider_error" }),
    "connect_failed",
    "validation_error"
  ],
  [new DecryptionFailed({ reason: "malformed" }), "decryption_failed", "internal_error"],
  [
    new InstallationWithoutFlow({
      displayName: "Forge",
      startUrl: "https://app.example.com",
      action: undefined
    }),
    "installation_without_flow",
    "validation_error"
  ],
  [new TooManyCredentials(), "too_many_credentials", "rate_limit_exceeded"],
  [new TooManyPendingFlows({ retryAfter: 60 }), "too_many_pending_flows", "rate_limit_exceeded"]
])("%s has a code of its own, and on the wire the contract's word", (error, code, word) => {
  expect([error.code, errorAnswer(error).body.error]).toEqual([code, word])
})
