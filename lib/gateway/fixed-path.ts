/**
 * The address below which n8n finds the gateway without asking its database: n8n remembers webhooks without parameters in
 * their path only. `hooks/gateway-address.ts` leads deliveries there and puts who is addressed into headers.
 */
export const FIXED_PATH = 'truffles-door';
export const CHANNEL_HEADER = 'x-truffles-channel';
export const CLIENT_HEADER = 'x-truffles-client';
