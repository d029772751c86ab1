-- 0004_conversations.sql
-- why: users, their conversations, turns and messages
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table messages, turns, conversations, users
-- note: foreign keys between tenant tables carry client_id, because a foreign-key check ignores row-level security

create table truffles.users (
  id uuid constraint users_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint users_client_id_fkey references truffles.clients (id),
  channel text not null,
  address_hash text not null,
  address_enc bytea not null,
  display_name text,
  phone_hash text,
  phone_enc bytea,
  first_seen_at timestamptz not null default now(),
  constraint users_client_id_id_key unique (client_id, id),
  constraint users_client_id_channel_address_hash_key unique (client_id, channel, address_hash)
);
create index users_phone_hash_idx on truffles.users (client_id, phone_hash) where phone_hash is not null;

create table truffles.conversations (
  id uuid constraint conversations_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint conversations_client_id_fkey references truffles.clients (id),
  user_id uuid not null,
  channel text not null,
  branch_id uuid,
  status text not null default 'open' constraint conversations_status_check check (status in ('open', 'closed')),
  human_active_since timestamptz,
  human_name text,
  last_inbound_at timestamptz,
  last_outbound_at timestamptz,
  reply_language text constraint conversations_reply_language_check check (reply_language in ('ru', 'kk')),
  created_at timestamptz not null default now(),
  constraint conversations_client_id_id_key unique (client_id, id),
  constraint conversations_client_id_channel_user_id_key unique (client_id, channel, user_id),
  constraint conversations_client_id_user_id_fkey foreign key (client_id, user_id) references truffles.users (client_id, id),
  constraint conversations_client_id_branch_id_fkey foreign key (client_id, branch_id) references truffles.branches (client_id, id)
);

create table truffles.turns (
  id uuid constraint turns_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint turns_client_id_fkey references truffles.clients (id),
  channel text not null,
  lane_key text not null,
  kind text not null constraint turns_kind_check check (kind in ('user', 'manager')),
  conversation_id uuid,
  status text not null default 'claimed' constraint turns_status_check check (status in ('claimed', 'done', 'failed')),
  attempt integer not null default 1,
  outcome text constraint turns_outcome_check check (outcome in ('answered', 'handed_over', 'held', 'ignored')),
  outcome_reason text,
  intent text,
  intents text[] not null default '{}',
  route text,
  language text,
  confidence real,
  sensitive boolean not null default false,
  reply_message_id uuid,
  error_code text,
  claimed_at timestamptz not null default now(),
  finished_at timestamptz,
  received_at timestamptz not null,
  cost_usd numeric(18,9) not null default 0,
  cost_kzt numeric(18,6) not null default 0,
  constraint turns_client_id_id_key unique (client_id, id),
  constraint turns_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id)
);
create index turns_conversation_idx on truffles.turns (client_id, conversation_id, claimed_at);
create index turns_unfinished_idx on truffles.turns (claimed_at) where status = 'claimed';

create table truffles.messages (
  id uuid constraint messages_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint messages_client_id_fkey references truffles.clients (id),
  conversation_id uuid not null,
  turn_id uuid,
  direction text not null constraint messages_direction_check check (direction in ('inbound', 'outbound')),
  author text not null constraint messages_author_check check (author in ('user', 'bot', 'manager', 'system')),
  text text not null,
  attachments jsonb not null default '[]',
  provider_message_id text,
  language text,
  created_at timestamptz not null default now(),
  delivery_status text,
  seq bigint generated always as identity,
  constraint messages_client_id_id_key unique (client_id, id),
  constraint messages_client_id_conversation_id_fkey foreign key (client_id, conversation_id)
    references truffles.conversations (client_id, id),
  constraint messages_client_id_turn_id_fkey foreign key (client_id, turn_id) references truffles.turns (client_id, id)
);
create index messages_conversation_seq_idx on truffles.messages (conversation_id, seq);
create index messages_turn_idx on truffles.messages (turn_id) where turn_id is not null;
create index messages_provider_message_idx on truffles.messages (client_id, provider_message_id) where provider_message_id is not null;

alter table truffles.turns add constraint turns_client_id_reply_message_id_fkey
  foreign key (client_id, reply_message_id) references truffles.messages (client_id, id);

alter table truffles.users enable row level security;
alter table truffles.conversations enable row level security;
alter table truffles.turns enable row level security;
alter table truffles.messages enable row level security;
create policy users_tenant on truffles.users
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy conversations_tenant on truffles.conversations
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy turns_tenant on truffles.turns
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy messages_tenant on truffles.messages
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, update, delete on truffles.users, truffles.conversations, truffles.turns, truffles.messages to truffles_app;
