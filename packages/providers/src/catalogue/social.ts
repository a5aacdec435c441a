// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Facebook documents; others are taken as well. */
export type FacebookScope =
  | "public_profile"
  | "email"
  | "pages_show_list"
  | "pages_read_engagement"
  | "pages_read_user_content"
  | "pages_manage_posts"
  | "pages_manage_metadata"
  | "pages_manage_engagement"
  | "pages_manage_ads"
  | "pages_messaging"
  | "pages_manage_cta"
  | "ads_read"
  | "ads_management"
  | "business_management"
  | "leads_retrieval"
  | "catalog_management"
  | "read_insights"
  | "instagram_basic"
  | "instagram_content_publish"
  | "instagram_manage_comments"
  | "instagram_manage_insights"
  | "instagram_manage_messages"
  | "whatsapp_business_management"
  | "whatsapp_business_messaging"
  | "publish_video"
  | "user_birthday"
  | "user_friends"
  | "user_gender"
  | "user_hometown"
  | "user_likes"
  | "user_link"
  | "user_location"
  | "user_photos"
  | "user_posts"
  | "user_videos"

/**
 * Facebook, by an app of the host's.
 * See https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
 */
export const facebookDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "facebook",
  "displayName": "Facebook",
  "category": "social",
  "description": "Pages, posts, ads and messages of a person and its businesses.",
  "docsUrl": "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
  "brandColor": "#0866ff",
  "notices": [
    {
      "date": "2027-05-20",
      "text": "Version 22.0 of the Graph API ends, which this definition asks for; later ones are in use already."
    }
  ],
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.facebook.com/v22.0/dialog/oauth",
  "tokenEndpoint": "https://graph.facebook.com/v22.0/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "scopeSeparator": ",",
  "responseType": "code granted_scopes",
  "grantedScopeSeparator": ",",
  "grantedScopeParameter": "granted_scopes",
  "leavesOutScopes": true,
  "defaultScopes": [
    "public_profile"
  ],
  "tokenExchange": {
    "endpoint": "https://graph.facebook.com/v22.0/oauth/access_token",
    "parameters": {
      "grant_type": "fb_exchange_token",
      "client_id": "{client_id}",
      "client_secret": "{client_secret}",
      "fb_exchange_token": "{access_token}"
    }
  },
  "account": {
    "from": "request",
    "url": "https://graph.facebook.com/v22.0/me?fields=id,name",
    "id": [
      "id"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://graph.facebook.com/v22.0/me?fields=id",
    "rejectedStatus": [
      400
    ]
  },
  "revocation": {
    "endpoint": "https://graph.facebook.com/v22.0/me/permissions",
    "ends": "grant",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://graph.facebook.com",
    "hosts": [
      "graph-video.facebook.com",
      "rupload.facebook.com"
    ],
    "expired": [
      {
        "status": 400,
        "body": {
          "path": [
            "error",
            "code"
          ],
          "equals": 190
        }
      }
    ]
  }
})

/** Facebook: Pages, posts, ads and messages of a person and its businesses. Register your app's redirect URI at Facebook, and give its client here. */
export const facebook = (client: OAuthClient<FacebookScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: facebookDefinition
})

/** Scopes that LinkedIn documents; others are taken as well. */
export type LinkedinScope =
  | "openid"
  | "profile"
  | "email"
  | "w_member_social"
  | "r_member_social"
  | "r_basicprofile"
  | "r_1st_connections_size"
  | "r_organization_social"
  | "w_organization_social"
  | "r_organization_admin"
  | "rw_organization_admin"
  | "r_organization_followers"
  | "r_ads"
  | "rw_ads"
  | "r_ads_reporting"
  | "r_marketing_leadgen_automation"
  | "r_events"
  | "rw_events"

/**
 * LinkedIn, by an app of the host's.
 * See https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
 */
export const linkedinDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "linkedin",
  "displayName": "LinkedIn",
  "category": "social",
  "description": "Posts, organizations and ads of a member.",
  "docsUrl": "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
  "brandColor": "#0a66c2",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.linkedin.com/oauth/v2/authorization",
  "tokenEndpoint": "https://www.linkedin.com/oauth/v2/accessToken",
  "clientAuthentication": "client_secret_post",
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "pkce": {
    "off": "LinkedIn has PKCE for native apps alone, at an address of its own, and refuses code_verifier beside a client secret."
  },
  "grantedScopeSeparator": ",",
  "denialErrors": [
    "user_cancelled_login",
    "user_cancelled_authorize"
  ],
  "defaultScopes": [
    "openid",
    "profile",
    "email"
  ],
  "account": {
    "from": "request",
    "url": "https://api.linkedin.com/v2/userinfo",
    "id": [
      "sub"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.linkedin.com/v2/userinfo"
  },
  "api": {
    "baseUrl": "https://api.linkedin.com"
  }
})

/** LinkedIn: Posts, organizations and ads of a member. Register your app's redirect URI at LinkedIn, and give its client here. */
export const linkedin = (client: OAuthClient<LinkedinScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: linkedinDefinition
})

/** Scopes that Pinterest documents; others are taken as well. */
export type PinterestScope =
  | "ads:read"
  | "ads:write"
  | "billing:read"
  | "billing:write"
  | "biz_access:read"
  | "biz_access:write"
  | "boards:read"
  | "boards:read_secret"
  | "boards:write"
  | "boards:write_secret"
  | "catalogs:read"
  | "catalogs:write"
  | "pins:read"
  | "pins:read_secret"
  | "pins:write"
  | "pins:write_secret"
  | "user_accounts:read"
  | "user_accounts:write"

/**
 * Pinterest, by an app of the host's.
 * See https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/
 */
export const pinterestDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "pinterest",
  "displayName": "Pinterest",
  "category": "social",
  "description": "Pins, boards and ads of an account.",
  "docsUrl": "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
  "brandColor": "#e60023",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.pinterest.com/oauth/",
  "tokenEndpoint": "https://api.pinterest.com/v5/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "scopeSeparator": ",",
  "defaultScopes": [
    "user_accounts:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.pinterest.com/v5/user_account",
    "id": [
      "id"
    ],
    "label": [
      "username"
    ]
  },
  "check": {
    "url": "https://api.pinterest.com/v5/user_account"
  },
  "api": {
    "baseUrl": "https://api.pinterest.com/v5"
  }
})

/** Pinterest: Pins, boards and ads of an account. Register your app's redirect URI at Pinterest, and give its client here. */
export const pinterest = (client: OAuthClient<PinterestScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: pinterestDefinition
})

/** Scopes that Reddit documents; others are taken as well. */
export type RedditScope =
  | "account"
  | "creddits"
  | "edit"
  | "flair"
  | "history"
  | "identity"
  | "livemanage"
  | "modconfig"
  | "modcontributors"
  | "modflair"
  | "modlog"
  | "modmail"
  | "modothers"
  | "modposts"
  | "modself"
  | "modwiki"
  | "mysubreddits"
  | "privatemessages"
  | "read"
  | "report"
  | "save"
  | "structuredstyles"
  | "submit"
  | "subscribe"
  | "vote"
  | "wikiedit"
  | "wikiread"

/**
 * Reddit, by an app of the host's.
 * See https://github.com/reddit-archive/reddit/wiki/OAuth2
 */
export const redditDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "reddit",
  "displayName": "Reddit",
  "category": "social",
  "description": "Posts, comments and messages of an account.",
  "docsUrl": "https://github.com/reddit-archive/reddit/wiki/OAuth2",
  "brandColor": "#ff4500",
  "authType": "oauth2",
  "settings": [
    {
      "name": "user_agent",
      "label": "User-Agent",
      "help": "Platform, app, version and who answers for it: web:com.acme.app:v1.0 (by /u/acme)",
      "pattern": "[A-Za-z0-9][\\x20-\\x7e]{2,199}"
    }
  ],
  "authorizationEndpoint": "https://www.reddit.com/api/v1/authorize",
  "tokenEndpoint": "https://www.reddit.com/api/v1/access_token",
  "clientAuthentication": "client_secret_basic",
  "terminalErrors": [
    "invalid_request",
    "400"
  ],
  "authorizationParameters": {
    "duration": "permanent"
  },
  "defaultScopes": [
    "identity",
    "read"
  ],
  "account": {
    "from": "request",
    "url": "https://oauth.reddit.com/api/v1/me",
    "id": [
      "id"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://oauth.reddit.com/api/v1/me"
  },
  "revocation": {
    "endpoint": "https://www.reddit.com/api/v1/revoke_token",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://oauth.reddit.com"
  },
  "apiHeaders": {
    "User-Agent": "{user_agent}"
  }
})

/** Reddit: Posts, comments and messages of an account. Register your app's redirect URI at Reddit, and give its client here. */
export const reddit = (client: OAuthClient<RedditScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: redditDefinition
})

/** Scopes that TikTok documents; others are taken as well. */
export type TiktokScope =
  | "user.info.basic"
  | "user.info.profile"
  | "user.info.stats"
  | "video.list"
  | "video.publish"
  | "video.upload"
  | "portability.postsandprofile.single"
  | "portability.postsandprofile.ongoing"
  | "portability.activity.single"
  | "portability.activity.ongoing"
  | "portability.all.single"
  | "portability.all.ongoing"
  | "local.product.manage"
  | "local.shop.manage"

/**
 * TikTok, by an app of the host's.
 * See https://developers.tiktok.com/doc/oauth-user-access-token-management
 */
export const tiktokDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "tiktok",
  "displayName": "TikTok",
  "category": "social",
  "description": "Profile, videos and posts of an account.",
  "docsUrl": "https://developers.tiktok.com/doc/oauth-user-access-token-management",
  "brandColor": "#010101",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.tiktok.com/v2/auth/authorize/",
  "tokenEndpoint": "https://open.tiktokapis.com/v2/oauth/token/",
  "clientAuthentication": "client_secret_post",
  "parameterNames": {
    "client_id": "client_key"
  },
  "scopeSeparator": ",",
  "grantedScopeSeparator": ",",
  "defaultScopes": [
    "user.info.basic"
  ],
  "account": {
    "from": "request",
    "url": "https://open.tiktokapis.com/v2/user/info/?fields=open_id,display_name",
    "id": [
      "data",
      "user",
      "open_id"
    ],
    "label": [
      "data",
      "user",
      "display_name"
    ]
  },
  "check": {
    "url": "https://open.tiktokapis.com/v2/user/info/?fields=open_id,display_name"
  },
  "revocation": {
    "endpoint": "https://open.tiktokapis.com/v2/oauth/revoke/",
    "ends": "grant",
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://open.tiktokapis.com"
  },
  "tokenResponse": {
    "members": {
      "refresh_token_expires_in": [
        "refresh_expires_in"
      ]
    }
  }
})

/** TikTok: Profile, videos and posts of an account. Register your app's redirect URI at TikTok, and give its client here. */
export const tiktok = (client: OAuthClient<TiktokScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: tiktokDefinition
})

/** Scopes that Twitch documents; others are taken as well. */
export type TwitchScope =
  | "analytics:read:extensions"
  | "analytics:read:games"
  | "bits:read"
  | "channel:bot"
  | "channel:edit:commercial"
  | "channel:manage:broadcast"
  | "channel:manage:polls"
  | "channel:manage:predictions"
  | "channel:manage:redemptions"
  | "channel:manage:schedule"
  | "channel:manage:videos"
  | "channel:moderate"
  | "channel:read:ads"
  | "channel:read:charity"
  | "channel:read:editors"
  | "channel:read:goals"
  | "channel:read:hype_train"
  | "channel:read:polls"
  | "channel:read:predictions"
  | "channel:read:redemptions"
  | "channel:read:subscriptions"
  | "channel:read:vips"
  | "chat:edit"
  | "chat:read"
  | "clips:edit"
  | "moderation:read"
  | "moderator:read:chatters"
  | "moderator:read:followers"
  | "user:bot"
  | "user:edit"
  | "user:read:broadcast"
  | "user:read:chat"
  | "user:read:email"
  | "user:read:follows"
  | "user:read:subscriptions"
  | "user:write:chat"

/**
 * Twitch, by an app of the host's.
 * See https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/
 */
export const twitchDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "twitch",
  "displayName": "Twitch",
  "category": "social",
  "description": "Channels, chat and subscriptions.",
  "docsUrl": "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
  "brandColor": "#9146ff",
  "authType": "oauth2",
  "settings": [
    {
      "name": "app_client_id",
      "label": "Client ID",
      "help": "The client ID of your registration, which the API wants in a header",
      "pattern": "[a-z0-9]{20,40}"
    }
  ],
  "authorizationEndpoint": "https://id.twitch.tv/oauth2/authorize",
  "tokenEndpoint": "https://id.twitch.tv/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "user:read:email"
  ],
  "tokenResponse": {
    "error": [
      "message"
    ]
  },
  "terminalErrors": [
    "Invalid refresh token"
  ],
  "account": {
    "from": "request",
    "url": "https://api.twitch.tv/helix/users",
    "id": [
      "data",
      {
        "only": true
      },
      "id"
    ],
    "label": [
      "data",
      {
        "only": true
      },
      "login"
    ]
  },
  "check": {
    "url": "https://api.twitch.tv/helix/users"
  },
  "revocation": {
    "endpoint": "https://id.twitch.tv/oauth2/revoke",
    "ends": "token",
    "clientAuthentication": "none",
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.twitch.tv/helix"
  },
  "apiHeaders": {
    "Client-Id": "{app_client_id}"
  }
})

/** Twitch: Channels, chat and subscriptions. Register your app's redirect URI at Twitch, and give its client here. */
export const twitch = (client: OAuthClient<TwitchScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: twitchDefinition
})

/** Scopes that X documents; others are taken as well. */
export type XScope =
  | "tweet.read"
  | "tweet.write"
  | "tweet.moderate.write"
  | "users.read"
  | "users.email"
  | "follows.read"
  | "follows.write"
  | "offline.access"
  | "space.read"
  | "mute.read"
  | "mute.write"
  | "like.read"
  | "like.write"
  | "list.read"
  | "list.write"
  | "block.read"
  | "block.write"
  | "bookmark.read"
  | "bookmark.write"
  | "dm.read"
  | "dm.write"
  | "media.write"

/**
 * X, by an app of the host's.
 * See https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
 */
export const xDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "x",
  "displayName": "X",
  "category": "social",
  "description": "Posts, profile and direct messages of an account.",
  "docsUrl": "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
  "brandColor": "#000000",
  "authType": "oauth2",
  "authorizationEndpoint": "https://x.com/i/oauth2/authorize",
  "tokenEndpoint": "https://api.x.com/2/oauth2/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "tweet.read",
    "users.read",
    "offline.access"
  ],
  "terminalErrors": [
    {
      "error": "invalid_request",
      "description": "Value passed for the token was invalid"
    }
  ],
  "account": {
    "from": "request",
    "url": "https://api.x.com/2/users/me",
    "id": [
      "data",
      "id"
    ],
    "label": [
      "data",
      "username"
    ]
  },
  "check": {
    "url": "https://api.x.com/2/users/me"
  },
  "revocation": {
    "endpoint": "https://api.x.com/2/oauth2/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://api.x.com/2"
  }
})

/** X: Posts, profile and direct messages of an account. Register your app's redirect URI at X, and give its client here. */
export const x = (client: OAuthClient<XScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: xDefinition
})

/** Scopes that YouTube documents; others are taken as well. */
export type YoutubeScope =
  | "openid"
  | "email"
  | "profile"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://www.googleapis.com/auth/youtube"
  | "https://www.googleapis.com/auth/youtube.readonly"
  | "https://www.googleapis.com/auth/youtube.upload"
  | "https://www.googleapis.com/auth/youtube.force-ssl"
  | "https://www.googleapis.com/auth/youtubepartner"
  | "https://www.googleapis.com/auth/youtubepartner-channel-audit"
  | "https://www.googleapis.com/auth/youtube.channel-memberships.creator"
  | "https://www.googleapis.com/auth/yt-analytics.readonly"
  | "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"

/**
 * YouTube, by an app of the host's.
 * See https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps
 */
export const youtubeDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "youtube",
  "displayName": "YouTube",
  "category": "social",
  "description": "Channels, videos, playlists and comments.",
  "docsUrl": "https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps",
  "brandColor": "#ff0000",
  "authType": "oauth2",
  "issuer": "https://accounts.google.com",
  "authorizationEndpoint": "https://accounts.google.com/o/oauth2/v2/auth",
  "tokenEndpoint": "https://oauth2.googleapis.com/token",
  "clientAuthentication": "client_secret_post",
  "temporaryErrors": [
    "internal_failure"
  ],
  "leavesOutScopes": true,
  "authorizationParameters": {
    "access_type": "offline",
    "prompt": "consent"
  },
  "scopeAliases": {
    "email": [
      "https://www.googleapis.com/auth/userinfo.email"
    ],
    "profile": [
      "https://www.googleapis.com/auth/userinfo.profile"
    ]
  },
  "defaultScopes": [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/youtube.readonly"
  ],
  "account": {
    "from": "request",
    "url": "https://openidconnect.googleapis.com/v1/userinfo",
    "id": [
      "sub"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://openidconnect.googleapis.com/v1/userinfo"
  },
  "revocation": {
    "endpoint": "https://oauth2.googleapis.com/revoke",
    "ends": "grant",
    "clientAuthentication": "none"
  },
  "api": {
    "baseUrl": "https://www.googleapis.com/youtube/v3",
    "hosts": [
      "youtubeanalytics.googleapis.com"
    ]
  }
})

/** YouTube: Channels, videos, playlists and comments. Register your app's redirect URI at YouTube, and give its client here. */
export const youtube = (client: OAuthClient<YoutubeScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: youtubeDefinition
})
