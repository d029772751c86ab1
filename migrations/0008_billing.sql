-- 0008_billing.sql
-- why: every paid call leaves a row, and the business is billed from them
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table billing_reminders, invoices, subscriptions, plans, usage, billing_events

-- No foreign keys to conversations and turns: the bill outlives the erased conversation (design, promise 10).
create table truffles.billing_events (
  id uuid constraint billing_events_pkey primary key,
  client_id uuid not null constraint billing_events_client_id_fkey references truffles.clients (id),
  conversation_id uuid,
  turn_id uuid,
  purpose text not null,
  provider text not null,
  model text not null,
  status text not null,
  error_code text,
  input_tokens integer not null default 0,
  cached_input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  cost_usd numeric(18,9) not null default 0,
  cost_kzt numeric(18,6) not null default 0,
  usd_kzt_rate numeric(12,4),
  latency_ms integer,
  created_at timestamptz not null default now()
);
create index billing_events_client_created_idx on truffles.billing_events (client_id, created_at);
create index billing_events_turn_idx on truffles.billing_events (turn_id) where turn_id is not null;

create table truffles.usage (
  client_id uuid not null constraint usage_client_id_fkey references truffles.clients (id),
  day date not null,
  turns integer not null default 0,
  messages_in integer not null default 0,
  messages_out integer not null default 0,
  handovers integer not null default 0,
  model_calls integer not null default 0,
  cost_usd numeric(18,9) not null default 0,
  cost_kzt numeric(18,6) not null default 0,
  constraint usage_pkey primary key (client_id, day)
);

create table truffles.plans (
  id uuid constraint plans_pkey primary key default gen_random_uuid(),
  key text not null constraint plans_key_key unique,
  name text not null,
  monthly_price_tiyn bigint not null constraint plans_monthly_price_tiyn_check check (monthly_price_tiyn >= 0),
  included_turns integer,
  extra_turn_price_tiyn bigint,
  active boolean not null default true,
  created_at timestamptz not null default now()
);

create table truffles.subscriptions (
  id uuid constraint subscriptions_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint subscriptions_client_id_fkey references truffles.clients (id),
  plan_id uuid not null constraint subscriptions_plan_id_fkey references truffles.plans (id),
  status text not null default 'active' constraint subscriptions_status_check
    check (status in ('trial', 'active', 'past_due', 'cancelled')),
  started_on date not null,
  ends_on date,
  constraint subscriptions_client_id_id_key unique (client_id, id)
);
create unique index subscriptions_one_current_idx on truffles.subscriptions (client_id) where status <> 'cancelled';

create table truffles.invoices (
  id uuid constraint invoices_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint invoices_client_id_fkey references truffles.clients (id),
  subscription_id uuid,
  number text not null constraint invoices_number_key unique,
  period_start date not null,
  period_end date not null,
  amount_tiyn bigint not null constraint invoices_amount_tiyn_check check (amount_tiyn >= 0),
  status text not null default 'open' constraint invoices_status_check check (status in ('draft', 'open', 'paid', 'void')),
  issued_at timestamptz not null default now(),
  due_on date not null,
  paid_at timestamptz,
  constraint invoices_client_id_id_key unique (client_id, id),
  constraint invoices_client_id_subscription_id_fkey foreign key (client_id, subscription_id)
    references truffles.subscriptions (client_id, id)
);
create index invoices_due_idx on truffles.invoices (due_on) where status = 'open';

create table truffles.billing_reminders (
  id uuid constraint billing_reminders_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint billing_reminders_client_id_fkey references truffles.clients (id),
  invoice_id uuid not null,
  kind text not null,
  status text not null default 'pending' constraint billing_reminders_status_check check (status in ('pending', 'sent', 'failed')),
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  constraint billing_reminders_client_id_invoice_id_fkey foreign key (client_id, invoice_id)
    references truffles.invoices (client_id, id),
  constraint billing_reminders_client_id_invoice_id_kind_key unique (client_id, invoice_id, kind)
);

alter table truffles.billing_events enable row level security;
alter table truffles.usage enable row level security;
alter table truffles.subscriptions enable row level security;
alter table truffles.invoices enable row level security;
alter table truffles.billing_reminders enable row level security;
create policy billing_events_tenant on truffles.billing_events
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy usage_tenant on truffles.usage
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy subscriptions_tenant on truffles.subscriptions
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy invoices_tenant on truffles.invoices
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy billing_reminders_tenant on truffles.billing_reminders
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));

-- What was billed is history: the nodes add rows and never change them.
grant select, insert on truffles.billing_events to truffles_app;
grant select on truffles.plans to truffles_app;
grant select, insert, update, delete on truffles.usage, truffles.subscriptions, truffles.invoices,
  truffles.billing_reminders to truffles_app;
