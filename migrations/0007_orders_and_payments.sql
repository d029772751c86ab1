-- 0007_orders_and_payments.sql
-- why: what a customer owes and what arrived through Kaspi, so that the two can be matched
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table payments, orders

create table truffles.orders (
  id uuid constraint orders_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint orders_client_id_fkey references truffles.clients (id),
  conversation_id uuid,
  user_id uuid,
  order_key text not null,
  amount_tiyn bigint not null constraint orders_amount_tiyn_check check (amount_tiyn > 0),
  status text not null default 'open' constraint orders_status_check check (status in ('open', 'paid', 'cancelled')),
  created_at timestamptz not null default now(),
  paid_at timestamptz,
  constraint orders_client_id_id_key unique (client_id, id),
  constraint orders_client_id_order_key_key unique (client_id, order_key),
  constraint orders_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id),
  constraint orders_client_id_user_id_fkey foreign key (client_id, user_id) references truffles.users (client_id, id)
);
create index orders_open_idx on truffles.orders (client_id, amount_tiyn, created_at) where status = 'open';

create table truffles.payments (
  id uuid constraint payments_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint payments_client_id_fkey references truffles.clients (id),
  amount_tiyn bigint not null,
  payer_name text,
  source text not null,
  provider_payment_id text,
  order_id uuid,
  match_status text not null default 'unmatched' constraint payments_match_status_check
    check (match_status in ('matched', 'ambiguous', 'unmatched', 'ignored')),
  raw_hash text,
  received_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint payments_client_id_id_key unique (client_id, id),
  constraint payments_client_id_order_id_fkey foreign key (client_id, order_id) references truffles.orders (client_id, id)
);
-- One payment counts once: by the provider's id where there is one, otherwise by the hash of the raw text with its time.
create unique index payments_provider_payment_idx on truffles.payments (client_id, source, provider_payment_id)
  where provider_payment_id is not null;
create unique index payments_raw_hash_idx on truffles.payments (client_id, source, raw_hash) where raw_hash is not null;
create index payments_received_idx on truffles.payments (client_id, received_at);

alter table truffles.orders enable row level security;
alter table truffles.payments enable row level security;
create policy orders_tenant on truffles.orders
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy payments_tenant on truffles.payments
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, update, delete on truffles.orders, truffles.payments to truffles_app;
