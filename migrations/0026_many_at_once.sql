-- 0026_many_at_once.sql
-- why: the turns of a batch and the deliveries of an instant are opened, answered and noted together: one round trip and one commit for all
-- breaking: no
-- lock: none
-- undo: drop the functions named here

-- A loop of small statements and not one statement for all: each then goes by its index. Sequential scans are forbidden, because
-- sessions keep the plans that were made while a table was nearly empty, also those of its foreign keys, until it is analysed: in the
-- first minute of an installation a message would cost four times as much. All run with the rights of the caller, whom row-level
-- security binds to one client.

-- Who shares a transaction with others does not wait long for a row: the group fails then, and each is done by itself.
create function truffles.in_company(p_count integer) returns void
language plpgsql set search_path = truffles, pg_temp as $$
begin
  if p_count > 1 then
    perform set_config('lock_timeout', '500ms', true);
  end if;
end $$;

-- As accept_events, for the events of p_deliveries webhook bodies, in their order.
create function truffles.accept_deliveries(p_client_id uuid, p_channel text, p_events jsonb, p_max_wait_ms integer, p_config_version integer,
  p_deliveries integer)
returns table (event_id uuid, accepted boolean)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
begin
  perform in_company(p_deliveries);
  return query select a.event_id, a.accepted from accept_events(p_client_id, p_channel, p_events, p_max_wait_ms, p_config_version) a;
end $$;

-- The events of a turn in the order of arrival, marked as taken up. Ordered here, because a JavaScript Date has no microseconds.
-- written_at: what the provider says, unless that is in the future or older than a provider repeats a delivery.
create function truffles.take_up_events(p_turn_id uuid)
returns table (id uuid, kind text, provider_event_id text, event jsonb, sender_enc bytea, received_at timestamptz, read_at timestamptz, written_at timestamptz)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
begin
  update inbound_events e set processed_at = now() where e.turn_id = p_turn_id and e.processed_at is null;
  return query
    select e.id, e.kind, e.provider_event_id, e.event, e.sender_enc, e.received_at, now(),
           case when e.provider_at between e.received_at - interval '8 days' and e.received_at then e.provider_at else e.received_at end
      from inbound_events e where e.turn_id = p_turn_id order by e.received_at, e.id;
end $$;

-- Locks claimed turns and takes up their events: a row per event, with nulls for a turn that has none, and no row for a turn
-- that is not the caller's any more.
create function truffles.take_up_turns(p_turn_ids uuid[], p_attempts integer[])
returns table (turn_id uuid, id uuid, kind text, provider_event_id text, event jsonb, sender_enc bytea, received_at timestamptz, read_at timestamptz, written_at timestamptz)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
begin
  perform in_company(cardinality(p_turn_ids));
  for i in 1 .. cardinality(p_turn_ids) loop
    perform from turns t where t.id = p_turn_ids[i] and t.attempt = p_attempts[i] and t.status = 'claimed' for update;
    continue when not found;
    return query select p_turn_ids[i], e.* from take_up_events(p_turn_ids[i]) e;
    if not found then
      turn_id := p_turn_ids[i];
      return next;
    end if;
  end loop;
end $$;

-- Creates or finds the customer and the conversation of a turn, and locks the conversation. answered_before and the open
-- handover decide on greeting and appending; the customer's last word opens the channel's window.
create function truffles.save_party(p_client_id uuid, p_channel text, p_lane_key text, p_address_enc bytea, p_display_name text,
  p_last_inbound_at timestamptz, p_turn_id uuid)
returns table (user_id uuid, conversation_id uuid, human_active_since timestamptz, branch_id uuid, answered_before boolean, open_handover_id uuid)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
declare
  v_user uuid;
  v_conversation uuid;
  v_name text;
begin
  select u.id, u.display_name into v_user, v_name from users u
    where u.client_id = p_client_id and u.channel = p_channel and u.address_hash = p_lane_key;
  if not found then
    insert into users (id, client_id, channel, address_hash, address_enc, display_name)
    values (gen_random_uuid(), p_client_id, p_channel, p_lane_key, p_address_enc, p_display_name)
    on conflict on constraint users_client_id_channel_address_hash_key do update set display_name = coalesce(excluded.display_name, users.display_name)
    returning users.id into v_user;
  elsif p_display_name is not null and p_display_name is distinct from v_name then
    update users u set display_name = p_display_name where u.id = v_user;
  end if;

  update conversations c set last_inbound_at = greatest(c.last_inbound_at, p_last_inbound_at)
    where c.client_id = p_client_id and c.channel = p_channel and c.user_id = v_user
    returning c.id, c.human_active_since, c.branch_id, c.last_outbound_at is not null
    into v_conversation, human_active_since, branch_id, answered_before;
  if not found then
    insert into conversations as c (id, client_id, user_id, channel, last_inbound_at)
    values (gen_random_uuid(), p_client_id, v_user, p_channel, p_last_inbound_at)
    on conflict on constraint conversations_client_id_channel_user_id_key do update set last_inbound_at = greatest(c.last_inbound_at, excluded.last_inbound_at)
    returning c.id, c.human_active_since, c.branch_id, c.last_outbound_at is not null
    into v_conversation, human_active_since, branch_id, answered_before;
  end if;
  update turns t set conversation_id = v_conversation where t.id = p_turn_id and t.conversation_id is distinct from v_conversation;
  select h.id into open_handover_id from handovers h
    where h.client_id = p_client_id and h.conversation_id = v_conversation and h.status <> 'resolved' limit 1;
  user_id := v_user;
  conversation_id := v_conversation;
  return next;
end $$;

-- Saves what the customer, or the business itself on its phone, has written as messages of the conversation, in the order of
-- arrival, because `seq` is given in it; the second time adds nothing.
create function truffles.save_turn_messages(p_client_id uuid, p_conversation_id uuid, p_turn_id uuid) returns void
language sql set search_path = truffles, pg_temp set enable_seqscan = off as $$
  insert into messages (id, client_id, conversation_id, turn_id, direction, author, text, attachments, provider_message_id, created_at, delivery_status)
  select e.id, p_client_id, p_conversation_id, p_turn_id,
         case e.kind when 'echo' then 'outbound' else 'inbound' end, case e.kind when 'echo' then 'manager' else 'user' end,
         coalesce(e.event ->> 'text', ''), coalesce(nullif(e.event -> 'attachments', 'null'), '[]'), e.provider_event_id, e.received_at,
         case e.kind when 'echo' then 'sent' else 'received' end
    from inbound_events e where e.turn_id = p_turn_id order by e.received_at, e.id
  on conflict (id) do nothing;
$$;

-- Saves customers, conversations and messages of turns, and answers with what an answer depends on: the conversation's branch, or
-- the client's usual one, and the last p_history messages before the turn, oldest first.
-- p_turns: [{turn_id, channel, lane_key, address_enc, display_name, last_inbound_at}]
create function truffles.save_turns(p_client_id uuid, p_turns jsonb, p_history integer)
returns table (turn_id uuid, user_id uuid, conversation_id uuid, human_active_since timestamptz, answered_before boolean,
  open_handover_id uuid, branch jsonb, history jsonb)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  t record;
  v_branch uuid;
begin
  for t in
    select * from jsonb_to_recordset(p_turns) as x(turn_id uuid, channel text, lane_key text, address_enc text, display_name text, last_inbound_at timestamptz)
     order by x.lane_key
  loop
    turn_id := t.turn_id;
    select p.user_id, p.conversation_id, p.human_active_since, p.branch_id, p.answered_before, p.open_handover_id
      into user_id, conversation_id, human_active_since, v_branch, answered_before, open_handover_id
      from save_party(p_client_id, t.channel, t.lane_key, decode(t.address_enc, 'base64'), t.display_name, t.last_inbound_at, t.turn_id) p;
    perform save_turn_messages(p_client_id, conversation_id, t.turn_id);
    branch := (select jsonb_build_object('id', b.id, 'key', b.key, 'name', b.name) from branches b
      where b.client_id = p_client_id and (b.id = v_branch or (v_branch is null and b.is_default)) order by b.key limit 1);
    history := (select jsonb_agg(jsonb_build_object('author', h.author, 'text', h.text, 'at', h.created_at) order by h.seq)
      from (select m.author, m.text, m.created_at, m.seq from messages m
             where m.client_id = p_client_id and m.conversation_id = save_turns.conversation_id and m.turn_id is distinct from t.turn_id
             order by m.seq desc limit p_history) h);
    return next;
  end loop;
end $$;

-- As lock_conversation, for several, always in the same order.
create function truffles.lock_conversations(p_conversation_ids uuid[])
returns table (conversation_id uuid, human_active_since timestamptz, address_enc bytea, last_inbound_at timestamptz, has_unsent boolean, owner_wrote boolean)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
declare
  v_id uuid;
begin
  perform in_company(cardinality(p_conversation_ids));
  for v_id in select x from unnest(p_conversation_ids) x order by x loop
    return query select v_id, l.* from lock_conversation(v_id) l;
  end loop;
end $$;

-- Frees the lane of a finished turn and wakes the inbox when messages are waiting on it.
create function truffles.release_lane(p_turn_id uuid) returns void
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
declare
  v_due timestamptz;
begin
  update conversation_lanes l set active_turn_id = null, lease_until = null where l.active_turn_id = p_turn_id returning l.due_at into v_due;
  if v_due is not null then
    perform pg_notify('truffles_inbox', '');
  end if;
end $$;

-- Writes an outbound message and its outbox row: queued for the inbox trigger, or, with a lease, as being sent by the caller.
-- What waits behind a message that is repeated later is not due before it.
create function truffles.queue_message(p_client_id uuid, p_conversation_id uuid, p_turn_id uuid, p_channel text, p_author text, p_text text,
  p_language text, p_send_lease_ms integer)
returns table (message_id uuid, outbox_id uuid, idempotency_key text)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  v_due timestamptz := now();
begin
  insert into messages (id, client_id, conversation_id, turn_id, direction, author, text, attachments, created_at, delivery_status, language)
  values (gen_random_uuid(), p_client_id, p_conversation_id, p_turn_id, 'outbound', p_author, p_text, '[]', now(), 'queued', p_language)
  returning id into message_id;
  if p_send_lease_ms is null then
    v_due := greatest(v_due, (select max(o.next_attempt_at) from outbox o where o.conversation_id = p_conversation_id and o.status = 'queued'));
    perform pg_notify('truffles_inbox', '');
  end if;
  idempotency_key := message_id::text;
  insert into outbox (id, client_id, conversation_id, message_id, turn_id, author, channel, status, attempts, started_attempt,
    next_attempt_at, lease_until, idempotency_key, created_at)
  values (gen_random_uuid(), p_client_id, p_conversation_id, message_id, p_turn_id, p_author, p_channel,
    case when p_send_lease_ms is null then 'queued' else 'sending' end,
    case when p_send_lease_ms is null then 0 else 1 end, case when p_send_lease_ms is null then 0 else 1 end,
    v_due, now() + p_send_lease_ms * interval '1 millisecond', idempotency_key, clock_timestamp())
  returning id into outbox_id;
  return next;
end $$;

-- Writes the replies of turns: message, outbox row, the turn's outcome. send_now: the row is marked as being sent by the caller,
-- and the lane stays taken until it was noted; otherwise the reply waits in the outbox behind what is not out yet.
-- Answers a row per reply that was written; a turn that is not the caller's any more has none.
-- p_replies: [{turn_id, attempt, conversation_id, channel, text, language, send_now, outcome, reason, intent, intents, route, turn_language, confidence, sensitive}]
create function truffles.write_replies(p_client_id uuid, p_replies jsonb, p_send_lease_ms integer)
returns table (turn_id uuid, outbox_id uuid, idempotency_key text)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
#variable_conflict use_column
declare
  r record;
  v_message uuid;
begin
  for r in
    select * from jsonb_to_recordset(p_replies) as x(turn_id uuid, attempt integer, conversation_id uuid, channel text, text text, language text,
      send_now boolean, outcome text, reason text, intent text, intents text[], route text, turn_language text, confidence real, sensitive boolean)
  loop
    perform from turns t where t.id = r.turn_id and t.attempt = r.attempt and t.status = 'claimed' for update;
    continue when not found;
    select q.message_id, q.outbox_id, q.idempotency_key into v_message, outbox_id, idempotency_key
      from queue_message(p_client_id, r.conversation_id, r.turn_id, r.channel, 'bot', r.text, r.language,
        case when r.send_now then p_send_lease_ms end) q;
    update turns t set status = 'done', outcome = r.outcome, outcome_reason = r.reason, finished_at = now(), intent = r.intent,
        intents = coalesce(r.intents, '{}'), route = r.route, language = r.turn_language, confidence = r.confidence,
        sensitive = coalesce(r.sensitive, false), reply_message_id = v_message
      where t.id = r.turn_id;
    update conversations c set reply_language = r.language where c.id = r.conversation_id and c.reply_language is distinct from r.language;
    turn_id := r.turn_id;
    if not r.send_now then
      perform release_lane(r.turn_id);
    end if;
    return next;
  end loop;
end $$;

-- Notes that messages were sent: counts always, whoever has the row by now. Binds itself to the client, so that it needs no
-- transaction around it. The provider's own delivery states say more: where they are known already (they can come before the answer
-- to our call), they stay. Frees the lane of the message's turn, and wakes the inbox for what waits in the conversation.
-- Everybody locks the conversation before its messages, and the provider's id before the row.
-- p_sent: [{outbox_id, conversation_id, channel, provider_message_id, turn_id}]; turn_id: whose lane is to be freed
create function truffles.note_sent(p_client_id uuid, p_sent jsonb) returns void
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off as $$
declare
  s record;
  v_message uuid;
begin
  perform set_config('truffles.client_id', p_client_id::text, true);
  perform in_company(jsonb_array_length(p_sent));
  for s in
    select * from jsonb_to_recordset(p_sent) as x(outbox_id uuid, conversation_id uuid, channel text, provider_message_id text, turn_id uuid)
     order by x.conversation_id
  loop
    update conversations c set last_outbound_at = now() where c.id = s.conversation_id;
    -- The lock that apply_delivery_states takes: whichever of the two comes second finds the other.
    perform pg_advisory_xact_lock(hashtextextended(p_client_id || ' ' || s.channel || ' ' || s.provider_message_id, 0));
    if exists (select from inbound_events e where e.client_id = p_client_id and e.channel = s.channel and e.kind = 'status'
        and e.event ->> 'messageId' = s.provider_message_id) then
      perform apply_delivery_states(p_client_id, s.channel, s.provider_message_id, s.outbox_id, null);
    else
      update outbox o set status = 'sent', provider_message_id = coalesce(s.provider_message_id, o.provider_message_id),
          last_error_code = null, lease_until = null, next_attempt_at = now(), sent_at = now()
        where o.id = s.outbox_id returning o.message_id into v_message;
      update messages m set delivery_status = 'sent', provider_message_id = coalesce(s.provider_message_id, m.provider_message_id)
        where m.id = v_message;
    end if;
    perform release_lane(s.turn_id);
    if exists (select from outbox o where o.conversation_id = s.conversation_id and o.status = 'queued') then
      perform pg_notify('truffles_inbox', '');
    end if;
  end loop;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('in_company', 'accept_deliveries', 'take_up_events', 'take_up_turns', 'save_party', 'save_turn_messages', 'save_turns',
       'lock_conversations', 'release_lane', 'queue_message', 'write_replies', 'note_sent')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
