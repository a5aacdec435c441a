import { type ProviderId, type Secret, TaggedError } from "../model/index.ts"

/** One account of a consent that covers several. */
export interface AccountOption {
  readonly id: string
  /** What a person knows it by; the id if the vendor tells no other name. */
  readonly label: string
}

/**
 * The consent covers several accounts.
 *
 * @fix Show `choices`, and call `complete` again with `flowId` and the `id` of one.
 */
export class AccountChoiceRequired extends TaggedError("AccountChoiceRequired")<{
  readonly provider: ProviderId
  /** Good for one call. It takes the place of the one that was presented. */
  readonly flowId: Secret
  readonly choices: ReadonlyArray<AccountOption>
}> {
  readonly code = "account_choice_required"
  override readonly httpStatus = 409
  override get message(): string {
    return `The consent at ${this.provider} covers several accounts. Choose one of them.`
  }
}
