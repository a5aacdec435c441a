/** Who is signed in. A real application reads its session cookie here. */
export const signedIn = async () => ({ tenantId: "acme", userId: "ann", roles: ["admin" as const] })
