-- 0010_inbox_functions.sql
-- why: PostgreSQL is the queue; accepting, claiming and settling look across clients, so they are functions of the owner
-- breaking: no
-- lock: turns, ACCESS EXCLUSIVE while the check is replaced; the table is empty before 1.0
-- undo: drop the functions named here and put the old check back

-- A manager's event is a turn too, but it answers nobody: its outcome is 'handled'.
alter table truffles.turns drop constraint turns_outcome_check;
alter table truffles.turns add constraint turns_outcome_check
  check (outcome in ('answered', 'handed_over', 'held', 'ignored', 'handled'));

-- Stores the events of one webhook body in one statement (one commit), and moves the lanes' due times.
-- p_events: [{id, provider_event_id, kind, lane_key, lane_kind, event, sender_enc, raw_enc, provider_at, wait_ms}]
-- Answers one row per event: accepted = false means it was there already (a repeated delivery).
create function truffles.accept_events(p_client_id uuid, p_channel text, p_events jsonb, p_max_wait_ms integer)
returns table (event_id uuid, accepted boolean)
language plpgsql security definer set search_path = truffles, pg_temp as $$
declare
  e record;
  v_now timestamptz;
  v_inserted uuid;
  v_wake boolean := false;
begin
  for e in
    select * from jsonb_to_recordset(p_events) as x(
      id uuid, provider_event_id text, kind text, lane_key text, lane_kind text, event jsonb,
      sender_enc text, raw_enc text, provider_at timestamptz, wait_ms integer)
  loop
    v_now := clock_timestamp();
    v_inserted := null;
    insert into inbound_events (id, client_id, channel, provider_event_id, kind, lane_key, event, sender_enc, raw_enc, received_at, provider_at, processed_at)
    values (e.id, p_client_id, p_channel, e.provider_event_id, e.kind, coalesce(e.lane_key, ''), e.event,
            decode(e.sender_enc, 'base64'), decode(e.raw_enc, 'base64'), v_now, e.provider_at,
            case when e.lane_key is null then v_now end)
    on conflict (client_id, channel, provider_event_id) do nothing
    returning id into v_inserted;
    event_id := e.id;
    accepted := v_inserted is not null;
    if accepted and e.lane_key is not null then
      insert into conversation_lanes as lane (client_id, channel, lane_key, kind, first_at, due_at)
      values (p_client_id, p_channel, e.lane_key, e.lane_kind, v_now, v_now + e.wait_ms * interval '1 millisecond')
      on conflict (client_id, channel, lane_key) do update set
        first_at = case when lane.due_at is null then excluded.first_at else lane.first_at end,
        due_at = case when lane.due_at is null then excluded.due_at
                 else least(excluded.due_at, lane.first_at + p_max_wait_ms * interval '1 millisecond') end;
      v_wake := true;
    end if;
    return next;
  end loop;
  if v_wake then
    perform pg_notify('truffles_inbox', '');
  end if;
end $$;

-- Claims due lanes, one turn each. A lane whose lease ran out gives its turn back with the next attempt;
-- attempt > p_max_attempts tells the caller to park the turn instead of running it.
-- A turn that already has its outcome only releases its lane (the process died between outcome and release).
create function truffles.claim_lanes(p_limit integer, p_lease_ms integer)
returns table (turn_id uuid, client_id uuid, channel text, lane_key text, kind text, attempt integer)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
declare
  lane record;
  v_turn record;
  v_lease timestamptz := clock_timestamp() + p_lease_ms * interval '1 millisecond';
  v_first timestamptz;
begin
  for lane in
    (select l.* from conversation_lanes l
      where l.active_turn_id is not null and l.lease_until < clock_timestamp()
      order by l.lease_until limit p_limit for update skip locked)
  loop
    select t.* into v_turn from turns t where t.id = lane.active_turn_id for update;
    if v_turn.id is null or v_turn.status <> 'claimed' then
      update conversation_lanes l set active_turn_id = null, lease_until = null
        where l.client_id = lane.client_id and l.channel = lane.channel and l.lane_key = lane.lane_key;
      continue;
    end if;
    update turns t set attempt = t.attempt + 1, claimed_at = clock_timestamp() where t.id = v_turn.id;
    update conversation_lanes l set lease_until = v_lease
      where l.client_id = lane.client_id and l.channel = lane.channel and l.lane_key = lane.lane_key;
    turn_id := v_turn.id; client_id := lane.client_id; channel := lane.channel; lane_key := lane.lane_key;
    kind := lane.kind; attempt := v_turn.attempt + 1;
    return next;
  end loop;

  for lane in
    (select l.* from conversation_lanes l
      where l.active_turn_id is null and l.due_at <= clock_timestamp()
      order by l.due_at limit p_limit for update skip locked)
  loop
    turn_id := gen_random_uuid(); client_id := lane.client_id; channel := lane.channel; lane_key := lane.lane_key;
    kind := lane.kind; attempt := 1;
    select min(e.received_at) into v_first from inbound_events e
      where e.client_id = lane.client_id and e.channel = lane.channel and e.lane_key = lane.lane_key
        and e.turn_id is null and e.processed_at is null;
    if v_first is null then
      update conversation_lanes l set due_at = null
        where l.client_id = lane.client_id and l.channel = lane.channel and l.lane_key = lane.lane_key;
      continue;
    end if;
    insert into turns (id, client_id, channel, lane_key, kind, status, attempt, claimed_at, received_at)
      values (turn_id, lane.client_id, lane.channel, lane.lane_key, lane.kind, 'claimed', 1, clock_timestamp(), v_first);
    update inbound_events e set turn_id = claim_lanes.turn_id
      where e.client_id = lane.client_id and e.channel = lane.channel and e.lane_key = lane.lane_key
        and e.turn_id is null and e.processed_at is null;
    update conversation_lanes l set active_turn_id = claim_lanes.turn_id, lease_until = v_lease, due_at = null
      where l.client_id = lane.client_id and l.channel = lane.channel and l.lane_key = lane.lane_key;
    return next;
  end loop;
end $$;

-- Heartbeat: keeps the leases of running turns. A turn that somebody else has claimed meanwhile is not touched.
create function truffles.extend_leases(p_turn_ids uuid[], p_attempts integer[], p_lease_ms integer) returns void
language sql security definer set search_path = truffles, pg_temp as $$
  update conversation_lanes l set lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    from unnest(p_turn_ids, p_attempts) as mine(turn_id, attempt)
    join turns t on t.id = mine.turn_id and t.attempt = mine.attempt and t.status = 'claimed'
   where l.active_turn_id = mine.turn_id;
$$;

-- After an execution: turns that have no outcome yet are made available again after their backoff.
-- Lanes of finished turns are released here when the sender did not do it. Answers the turns without outcome.
create function truffles.settle_turns(p_turn_ids uuid[], p_attempts integer[], p_backoff_ms integer[], p_error_code text)
returns table (turn_id uuid, client_id uuid, attempt integer)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
begin
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

-- Outbox rows that are due: queued ones whose time has come, and 'sending' ones whose process died (uncertain = true).
-- Per conversation only the oldest unsent row is given out, so that replies keep their order.
create function truffles.claim_outbox(p_limit integer, p_lease_ms integer)
returns table (outbox_id uuid, client_id uuid, attempt integer, uncertain boolean)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
declare
  o record;
begin
  for o in
    (select x.* from outbox x
      where ((x.status = 'queued' and x.next_attempt_at <= clock_timestamp())
          or (x.status = 'sending' and x.lease_until < clock_timestamp()))
        and not exists (
          select 1 from outbox earlier
           where earlier.client_id = x.client_id and earlier.conversation_id = x.conversation_id
             and earlier.status in ('queued', 'sending') and (earlier.created_at, earlier.id) < (x.created_at, x.id))
      order by x.created_at limit p_limit for update skip locked)
  loop
    update outbox x set status = 'sending', attempts = x.attempts + 1,
        lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
      where x.id = o.id;
    outbox_id := o.id; client_id := o.client_id; attempt := o.attempts + 1; uncertain := o.status = 'sending';
    return next;
  end loop;
end $$;

-- Handovers whose notice to the managers is due. Claiming moves the next time by p_lease_ms, so that a crash repeats it.
create function truffles.claim_handover_notices(p_limit integer, p_lease_ms integer)
returns table (handover_id uuid, client_id uuid, attempt integer)
language sql security definer set search_path = truffles, pg_temp as $$
  update handovers h set notice_attempts = h.notice_attempts + 1,
      next_notice_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
   where h.id in (select x.id from handovers x
                   where x.notice_status = 'pending' and x.status <> 'resolved' and x.next_notice_at <= clock_timestamp()
                   order by x.next_notice_at limit p_limit for update skip locked)
  returning h.id, h.client_id, h.notice_attempts;
$$;

-- Milliseconds until something becomes due; null when nothing waits. The trigger sleeps this long unless notified.
create function truffles.next_inbox_due_ms() returns double precision
language sql stable security definer set search_path = truffles, pg_temp as $$
  select extract(epoch from min(due) - clock_timestamp()) * 1000 from (
    select min(due_at) as due from conversation_lanes where active_turn_id is null and due_at is not null
    union all select min(lease_until) from conversation_lanes where active_turn_id is not null
    union all select min(next_attempt_at) from outbox where status = 'queued'
    union all select min(lease_until) from outbox where status = 'sending'
    union all select min(next_notice_at) from handovers where notice_status = 'pending' and status <> 'resolved'
  ) as waiting;
$$;

-- One row for what happens across clients or before a client is known; the application role cannot write other clients' rows.
create function truffles.write_audit(p_client_id uuid, p_actor text, p_action text, p_detail jsonb) returns void
language sql security definer set search_path = truffles, pg_temp as $$
  insert into audit_log (client_id, actor, action, detail) values (p_client_id, p_actor, p_action, p_detail);
$$;

create function truffles.write_error_log(p_client_id uuid, p_workflow text, p_node text, p_code text, p_family text,
  p_message text, p_execution_id text, p_turn_id uuid) returns void
language sql security definer set search_path = truffles, pg_temp as $$
  insert into error_logs (client_id, workflow, node, code, family, message, execution_id, turn_id)
  values (p_client_id, p_workflow, p_node, p_code, p_family, p_message, p_execution_id, p_turn_id);
$$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('accept_events', 'claim_lanes', 'extend_leases', 'settle_turns', 'claim_outbox',
       'claim_handover_notices', 'next_inbox_due_ms', 'write_audit', 'write_error_log')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
