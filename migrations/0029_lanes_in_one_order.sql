-- 0029_lanes_in_one_order.sql
-- why: who noted that replies were sent and who accepted their customers' next messages waited for each other, half a second each time
-- breaking: no
-- lock: none
-- undo: put note_sent and write_replies of 0026, extend_leases and settle_turns of 0010 back; drop function in_order_of_lanes, lock_lanes_of

-- accept_events says the order in which rows are taken: conversations, lanes, then what belongs to a provider's id. Lanes among
-- each other by channel and key, as it takes them.

-- The turns in the order of their lanes.
create function truffles.in_order_of_lanes(p_turn_ids uuid[]) returns setof uuid
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  return query select u.id from unnest(p_turn_ids) as u(id)
    order by (select (t.client_id, t.channel, t.lane_key) from turns t where t.id = u.id);
end $$;

-- Locks the lanes that the turns hold.
create function truffles.lock_lanes_of(p_turn_ids uuid[]) returns void
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_turn_id uuid;
begin
  for v_turn_id in select in_order_of_lanes(p_turn_ids) loop
    perform from conversation_lanes l where l.active_turn_id = v_turn_id for update;
  end loop;
end $$;

-- Who locks them only does so inside functions with their owner's rights.
revoke all on function truffles.in_order_of_lanes(uuid[]), truffles.lock_lanes_of(uuid[]) from public;
grant execute on function truffles.in_order_of_lanes(uuid[]) to truffles_app;

-- As in 0026, but in the order of all; states that come at the same time take their ids in this order, too.
create or replace function truffles.note_sent(p_client_id uuid, p_sent jsonb) returns void
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  s record;
  v_message uuid;
  v_turn_id uuid;
begin
  perform set_config('truffles.client_id', p_client_id::text, true);
  perform in_company(jsonb_array_length(p_sent));
  for s in
    select x.conversation_id from jsonb_to_recordset(p_sent) as x(conversation_id uuid) order by x.conversation_id
  loop
    update conversations c set last_outbound_at = now() where c.id = s.conversation_id;
  end loop;
  for v_turn_id in
    select in_order_of_lanes(array(select x.turn_id from jsonb_to_recordset(p_sent) as x(turn_id uuid)))
  loop
    perform release_lane(v_turn_id);
  end loop;
  for s in
    select * from jsonb_to_recordset(p_sent) as x(outbox_id uuid, conversation_id uuid, channel text, provider_message_id text)
     order by x.provider_message_id, x.outbox_id
  loop
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
    if exists (select from outbox o where o.conversation_id = s.conversation_id and o.status = 'queued') then
      perform pg_notify('truffles_inbox', '');
    end if;
  end loop;
end $$;

-- As in 0026, but lanes are freed together, in the order of all.
create or replace function truffles.write_replies(p_client_id uuid, p_replies jsonb, p_send_lease_ms integer)
returns table (turn_id uuid, outbox_id uuid, idempotency_key text)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
declare
  r record;
  v_message uuid;
  v_queued uuid[] := '{}';
  v_turn_id uuid;
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
      v_queued := v_queued || r.turn_id;
    end if;
    return next;
  end loop;
  for v_turn_id in select in_order_of_lanes(v_queued) loop
    perform release_lane(v_turn_id);
  end loop;
end $$;

-- As in 0010, but in the order of all.
create or replace function truffles.extend_leases(p_turn_ids uuid[], p_attempts integer[], p_lease_ms integer) returns void
language plpgsql security definer set search_path = truffles, pg_temp as $$
begin
  perform lock_lanes_of(p_turn_ids);
  update conversation_lanes l set lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    from unnest(p_turn_ids, p_attempts) as mine(turn_id, attempt)
    join turns t on t.id = mine.turn_id and t.attempt = mine.attempt and t.status = 'claimed'
   where l.active_turn_id = mine.turn_id;
end $$;

-- As in 0010, but in the order of all.
create or replace function truffles.settle_turns(p_turn_ids uuid[], p_attempts integer[], p_backoff_ms integer[], p_error_code text)
returns table (turn_id uuid, client_id uuid, attempt integer)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
begin
  perform lock_lanes_of(p_turn_ids);
  update conversation_lanes l set active_turn_id = null, lease_until = null
    from turns t where t.id = any (p_turn_ids) and l.active_turn_id = t.id and t.status <> 'claimed';
  return query
    with open_turns as (
      select t.id, t.client_id, t.attempt, mine.backoff_ms
        from unnest(p_turn_ids, p_attempts, p_backoff_ms) as mine(id, attempt, backoff_ms)
        join turns t on t.id = mine.id and t.attempt = mine.attempt and t.status = 'claimed'
    ), delayed as (
      update conversation_lanes l set lease_until = clock_timestamp() + o.backoff_ms * interval '1 millisecond'
        from open_turns o where l.active_turn_id = o.id
    ), marked as (
      update turns t set error_code = p_error_code from open_turns o where t.id = o.id
    )
    select o.id, o.client_id, o.attempt from open_turns o;
  perform pg_notify('truffles_inbox', '');
end $$;
