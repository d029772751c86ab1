-- 0002_resolve_client.sql
-- why: the gateway knows a slug before it knows a client, and row-level security shows no client to an unbound session
-- breaking: no
-- lock: none
-- undo: drop function truffles.resolve_client(text)

-- One row or none. It hands out the wrapped data key, which is useless without the master key.
create function truffles.resolve_client(client_slug text)
  returns table (
    id uuid, slug text, name text, status text, time_zone text, default_language text,
    config_version integer, rate_limit_per_minute integer, data_key_wrapped bytea
  )
  language sql stable security definer
  set search_path = pg_catalog
  as $$
    select c.id, c.slug, c.name, c.status, c.time_zone, c.default_language, c.config_version,
           (s.settings ->> 'rateLimitPerMinute')::integer, c.data_key_wrapped
    from truffles.clients c
    left join truffles.client_settings s on s.client_id = c.id
    where c.slug = resolve_client.client_slug
  $$;
revoke all on function truffles.resolve_client(text) from public;
grant execute on function truffles.resolve_client(text) to truffles_app;
