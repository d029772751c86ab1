-- 0001_tenancy.sql
-- why: companies, clients (tenants) and what describes a client; every later table hangs on clients.id
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table prompts, staff, client_secrets, client_settings, branches, clients, companies; drop function truffles.current_client()

grant usage on schema truffles to truffles_app;

-- The client this transaction is bound to, or null. A setting that was LOCAL in an earlier transaction of the same
-- pooled connection reads as an empty string, not as null: hence nullif. The body is bound to pg_catalog when it is
-- created, so no SET clause is needed (with one the function cannot be inlined, which made scans 10 times slower).
-- Policies ask it in a sub-select: once per statement instead of once per row.
create function truffles.current_client() returns uuid
  language sql stable parallel safe
  return nullif(pg_catalog.current_setting('truffles.client_id', true), '')::uuid;
revoke all on function truffles.current_client() from public;
grant execute on function truffles.current_client() to truffles_app;

create table truffles.companies (
  id uuid constraint companies_pkey primary key default gen_random_uuid(),
  name text not null constraint companies_name_key unique,
  bin text constraint companies_bin_key unique constraint companies_bin_check check (bin ~ '^[0-9]{12}$'),
  created_at timestamptz not null default now()
);

create table truffles.clients (
  id uuid constraint clients_pkey primary key default gen_random_uuid(),
  company_id uuid not null constraint clients_company_id_fkey references truffles.companies (id),
  slug text not null constraint clients_slug_key unique
    constraint clients_slug_check check (slug ~ '^[a-z0-9][a-z0-9_-]{1,62}$'),
  name text not null,
  status text not null default 'active' constraint clients_status_check check (status in ('active', 'suspended')),
  time_zone text not null,
  default_language text not null default 'ru' constraint clients_default_language_check check (default_language in ('ru', 'kk')),
  config_version integer not null default 1 constraint clients_config_version_check check (config_version > 0),
  data_key_wrapped bytea not null,
  created_at timestamptz not null default now()
);
create index clients_company_id_idx on truffles.clients (company_id);

create table truffles.branches (
  id uuid constraint branches_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint branches_client_id_fkey references truffles.clients (id),
  key text not null,
  name text not null,
  address text,
  phone_display text,
  is_default boolean not null default false,
  knowledge_tag text,
  constraint branches_client_id_id_key unique (client_id, id),
  constraint branches_client_id_key_key unique (client_id, key)
);
create unique index branches_one_default_idx on truffles.branches (client_id) where is_default;

create table truffles.client_settings (
  client_id uuid constraint client_settings_pkey primary key
    constraint client_settings_client_id_fkey references truffles.clients (id),
  settings jsonb not null default '{}',
  client_pack jsonb,
  domain_pack jsonb,
  updated_at timestamptz not null default now()
);

create table truffles.client_secrets (
  client_id uuid not null constraint client_secrets_client_id_fkey references truffles.clients (id),
  name text not null,
  value_enc bytea not null,
  updated_at timestamptz not null default now(),
  constraint client_secrets_pkey primary key (client_id, name)
);

create table truffles.staff (
  id uuid constraint staff_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint staff_client_id_fkey references truffles.clients (id),
  role text not null constraint staff_role_check check (role in ('manager', 'admin', 'owner')),
  name text not null,
  telegram_user_id text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  constraint staff_client_id_id_key unique (client_id, id),
  constraint staff_client_id_telegram_user_id_key unique (client_id, telegram_user_id)
);

create table truffles.prompts (
  id uuid constraint prompts_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint prompts_client_id_fkey references truffles.clients (id),
  name text not null,
  version integer not null,
  body text not null,
  is_active boolean not null default false,
  created_at timestamptz not null default now(),
  constraint prompts_client_id_name_version_key unique (client_id, name, version)
);
create unique index prompts_one_active_idx on truffles.prompts (client_id, name) where is_active;

alter table truffles.companies enable row level security;
alter table truffles.clients enable row level security;
alter table truffles.branches enable row level security;
alter table truffles.client_settings enable row level security;
alter table truffles.client_secrets enable row level security;
alter table truffles.staff enable row level security;
alter table truffles.prompts enable row level security;

-- A company is visible through its clients only; the policy of clients applies inside the sub-select.
create policy companies_of_client on truffles.companies
  using (exists (select from truffles.clients c where c.company_id = companies.id));
create policy clients_tenant on truffles.clients
  using (id = (select truffles.current_client())) with check (id = (select truffles.current_client()));
create policy branches_tenant on truffles.branches
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy client_settings_tenant on truffles.client_settings
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy client_secrets_tenant on truffles.client_secrets
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy staff_tenant on truffles.staff
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy prompts_tenant on truffles.prompts
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));

-- Clients are created and erased by the owner (onboarding), never by the nodes.
grant select on truffles.companies to truffles_app;
grant select, update (name, status, time_zone, default_language, config_version) on truffles.clients to truffles_app;
grant select, insert, update, delete on truffles.branches, truffles.client_settings, truffles.client_secrets,
  truffles.staff, truffles.prompts to truffles_app;
