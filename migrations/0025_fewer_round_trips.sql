-- 0025_fewer_round_trips.sql
-- why: each round trip of a message costs n8n's only thread more than the work it asks for; what waits behind a message that is repeated later must not be read each time somebody asks what is due
-- breaking: no
-- lock: outbox, ROW EXCLUSIVE on queued rows only
-- undo: drop the functions named here

-- What the transaction that sends knows of a conversation: locks it, then looks, in a statement of its own, for what whoever held
-- the lock may have written: earlier messages, and an echo of the owner's phone that came before this conversation was made, has
-- marked nothing yet and waits for its turn. With the rights of the caller.
create function truffles.lock_conversation(p_conversation_id uuid)
returns table (human_active_since timestamptz, address_enc bytea, last_inbound_at timestamptz, has_unsent boolean, owner_wrote boolean)
language plpgsql set search_path = truffles, pg_temp as $$
#variable_conflict use_column
begin
  select c.human_active_since, u.address_enc, c.last_inbound_at
    into human_active_since, address_enc, last_inbound_at
    from conversations c join users u on u.id = c.user_id and u.client_id = c.client_id
   where c.id = p_conversation_id for update of c;
  if not found then
    return;
  end if;
  has_unsent := exists (select from outbox where conversation_id = p_conversation_id and status in ('queued', 'sending'));
  owner_wrote := exists (select from conversations c join users u on u.id = c.user_id and u.client_id = c.client_id
    join inbound_events e on e.client_id = c.client_id and e.channel = c.channel and e.lane_key = u.address_hash
   where c.id = p_conversation_id and e.kind = 'echo' and e.turn_id is null and e.processed_at is null);
  return next;
end $$;

-- As accept_events, but only while the client is active and its configuration is the one with which the caller checked the
-- delivery; otherwise nothing is stored and no row is answered. Null: the caller has read it just now.
create function truffles.accept_events(p_client_id uuid, p_channel text, p_events jsonb, p_max_wait_ms integer, p_config_version integer)
returns table (event_id uuid, accepted boolean)
language plpgsql security definer set search_path = truffles, pg_temp as $$
begin
  if p_config_version is not null and not exists (
      select from clients c where c.id = p_client_id and c.config_version = p_config_version and c.status = 'active') then
    return;
  end if;
  return query select a.event_id, a.accepted from accept_events(p_client_id, p_channel, p_events, p_max_wait_ms) a;
end $$;

-- What waits behind a message that is repeated later is not due before it (lib/outbox/outbox-store.ts keeps it so): asking what
-- is due next then finds the first such message instead of reading all that wait behind others.
update truffles.outbox o set next_attempt_at = earlier.due
  from (select conversation_id, max(next_attempt_at) as due from truffles.outbox where status = 'queued' group by conversation_id) earlier
 where o.conversation_id = earlier.conversation_id and o.status = 'queued' and o.next_attempt_at < earlier.due;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('lock_conversation', 'accept_events')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
