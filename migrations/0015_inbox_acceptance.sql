-- 0015_inbox_acceptance.sql
-- why: what a body says is accepted whole, in one order for all, with its delivery states and takeovers; old events go
-- breaking: no
-- lock: inbound_events, ACCESS EXCLUSIVE for the new check (not validated against old rows, so no scan)
-- undo: drop function purge_inbound_events, is_own_message; put accept_events of 0010 and the old check back

alter table truffles.inbound_events drop constraint inbound_events_kind_check;
alter table truffles.inbound_events add constraint inbound_events_kind_check
  check (kind in ('message', 'echo', 'status', 'manager_action', 'manager_message', 'ignored')) not valid;
-- Rows come in the order of time: a few pages for millions of rows, next to nothing per insert.
create index inbound_events_received_idx on truffles.inbound_events using brin (received_at);

-- Whether an echo is a message that we sent ourselves: some gateways report those like the ones typed on the phone.
-- Before the gateway has told us its id the text decides, among what was queued for this person in the last minutes.
create function truffles.is_own_message(p_client_id uuid, p_channel text, p_address_hash text, p_provider_message_id text, p_text text)
returns boolean
language sql stable set search_path = truffles, pg_temp as $$
  select exists (select 1 from outbox o
                  where o.client_id = p_client_id and o.channel = p_channel and o.provider_message_id = p_provider_message_id)
      or exists (select 1 from users u
                   join conversations c on c.client_id = u.client_id and c.channel = u.channel and c.user_id = u.id
                   join outbox o on o.client_id = c.client_id and o.conversation_id = c.id
                   join messages m on m.client_id = o.client_id and m.id = o.message_id
                  where u.client_id = p_client_id and u.channel = p_channel and u.address_hash = p_address_hash
                    and o.created_at > now() - interval '10 minutes' and o.provider_message_id is null
                    and o.status <> 'cancelled' and btrim(m.text) = btrim(p_text));
$$;

-- Stores the events of one webhook body in one statement (one commit), and moves the lanes' due times.
-- p_events: [{id, provider_event_id, kind, lane_key, lane_kind, event, sender_enc, raw_enc, provider_at, wait_ms}]
-- Answers one row per event: accepted = false means it was there already (a repeated delivery).
--
-- Every body takes its rows in the same order (ids, conversations, lanes, messages), so that deliveries that share
-- some of their events do not wait for each other in a circle. The events keep the order of the body in received_at.
create or replace function truffles.accept_events(p_client_id uuid, p_channel text, p_events jsonb, p_max_wait_ms integer)
returns table (event_id uuid, accepted boolean)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
declare
  e record;
  v_now timestamptz := clock_timestamp();
  v_inserted uuid;
  v_is_own boolean;
  v_has_echo boolean := false;
  v_has_lane boolean := false;
  v_has_state boolean := false;
  v_new jsonb := '[]';
begin
  for e in
    select * from rows from (jsonb_to_recordset(p_events) as (
        id uuid, provider_event_id text, kind text, lane_key text, lane_kind text, event jsonb,
        sender_enc text, raw_enc text, provider_at timestamptz, wait_ms integer))
      with ordinality as x(id, provider_event_id, kind, lane_key, lane_kind, event, sender_enc, raw_enc, provider_at, wait_ms, place)
     order by x.provider_event_id, x.place
  loop
    v_is_own := e.kind = 'echo' and is_own_message(p_client_id, p_channel, e.lane_key, e.provider_event_id, e.event ->> 'text');
    insert into inbound_events (id, client_id, channel, provider_event_id, kind, lane_key, event, sender_enc, raw_enc, received_at, provider_at, processed_at)
    values (e.id, p_client_id, p_channel, e.provider_event_id,
            case when v_is_own then 'ignored' else e.kind end,
            case when v_is_own then '' else coalesce(e.lane_key, '') end,
            case when v_is_own then '{"reason": "own_message"}' else e.event end,
            decode(e.sender_enc, 'base64'), decode(e.raw_enc, 'base64'),
            v_now + (e.place - 1) * interval '1 microsecond', e.provider_at,
            case when v_is_own or e.lane_key is null then v_now end)
    on conflict (client_id, channel, provider_event_id) do nothing
    returning id into v_inserted;
    event_id := e.id;
    accepted := v_inserted is not null;
    if accepted and not v_is_own and (e.lane_key is not null or e.kind = 'status') then
      v_has_echo := v_has_echo or e.kind = 'echo';
      v_has_lane := v_has_lane or e.lane_key is not null;
      v_has_state := v_has_state or e.kind = 'status';
      v_new := v_new || jsonb_build_object('kind', e.kind, 'lane_key', e.lane_key, 'lane_kind', e.lane_kind, 'wait_ms', e.wait_ms,
        'place', e.place, 'message_id', e.event ->> 'messageId', 'idempotency_key', e.event ->> 'idempotencyKey');
    end if;
    return next;
  end loop;

  -- A person has taken over the moment this is committed, also for a reply that is being written just now.
  if v_has_echo then
    update conversations c set human_active_since = coalesce(c.human_active_since, now()), human_name = coalesce(c.human_name, 'phone')
      from users u
     where u.client_id = p_client_id and u.channel = p_channel and c.client_id = u.client_id and c.channel = u.channel and c.user_id = u.id
       and u.address_hash in (select x ->> 'lane_key' from jsonb_array_elements(v_new) as x where x ->> 'kind' = 'echo');
  end if;

  if v_has_lane then
    insert into conversation_lanes as lane (client_id, channel, lane_key, kind, first_at, due_at)
    select p_client_id, p_channel, x.lane_key, x.lane_kind, v_now, v_now + x.wait_ms * interval '1 millisecond'
      from (select distinct on (n.lane_key) n.* from jsonb_to_recordset(v_new) as n(lane_key text, lane_kind text, wait_ms integer, place bigint)
             where n.lane_key is not null order by n.lane_key, n.place desc) as x
     order by x.lane_key
    on conflict (client_id, channel, lane_key) do update set
      first_at = case when lane.due_at is null then excluded.first_at else lane.first_at end,
      due_at = case when lane.due_at is null then excluded.due_at
               else least(excluded.due_at, lane.first_at + p_max_wait_ms * interval '1 millisecond') end;
    perform pg_notify('truffles_inbox', '');
  end if;

  if not v_has_state then return; end if;
  for e in
    select distinct x.message_id, x.idempotency_key
      from jsonb_to_recordset(v_new) as x(kind text, message_id text, idempotency_key text)
     where x.kind = 'status' order by x.message_id, x.idempotency_key
  loop
    begin
      perform apply_delivery_states(p_client_id, p_channel, e.message_id, null, e.idempotency_key);
    exception
      when deadlock_detected or serialization_failure or lock_not_available then raise;
      -- A state that cannot be applied must not cost the customers' messages of the same body.
      when others then raise warning 'a delivery state was stored but not applied (%)', sqlstate;
    end;
  end loop;
end $$;

-- Deletes up to p_limit events that are older than p_age_days and whose work is finished; answers how many.
-- Eight days at least: Meta repeats a delivery for seven, and without the row it would count as new.
create function truffles.purge_inbound_events(p_age_days integer, p_limit integer) returns integer
language plpgsql security definer set search_path = truffles, pg_temp as $$
declare
  v_deleted integer;
begin
  if p_age_days < 8 then
    raise exception 'events are kept for at least 8 days, not %', p_age_days using errcode = 'invalid_parameter_value';
  end if;
  with finished as (
    select e.id from inbound_events e left join turns t on t.client_id = e.client_id and t.id = e.turn_id
     where e.received_at < now() - p_age_days * interval '1 day'
       and e.processed_at is not null and (e.turn_id is null or t.status <> 'claimed')
     limit p_limit for update of e skip locked)
  delete from inbound_events e using finished f where e.id = f.id;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('accept_events', 'is_own_message', 'purge_inbound_events')
  loop
    execute format('revoke all on function %s from public', f);
  end loop;
  grant execute on function truffles.purge_inbound_events(integer, integer) to truffles_app;
end $$;
