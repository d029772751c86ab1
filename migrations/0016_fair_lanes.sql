-- 0016_fair_lanes.sql
-- why: one client with thousands of waiting conversations must not make the other clients wait; managers never wait behind turns
-- breaking: no
-- lock: conversation_lanes, ACCESS EXCLUSIVE while the column is added (rewrites the table: about a second per million lanes)
--       turns, SHARE while its index is built
-- undo: drop the functions and indexes named here and the column ready_at; put claim_lanes of 0010, its two indexes and turns_conversation_idx without its condition back

-- When a lane can be claimed: its burst is complete, or the lease of its turn has run out. Null: nothing waits.
alter table truffles.conversation_lanes add column ready_at timestamptz
  generated always as (case when active_turn_id is null then due_at else lease_until end) stored;

create index conversation_lanes_ready_idx on truffles.conversation_lanes (client_id, ready_at)
  where kind = 'user' and ready_at is not null;
create index conversation_lanes_manager_ready_idx on truffles.conversation_lanes (ready_at)
  where kind = 'manager' and ready_at is not null;
create unique index conversation_lanes_active_turn_idx on truffles.conversation_lanes (active_turn_id)
  where active_turn_id is not null;
drop index truffles.conversation_lanes_due_idx;
drop index truffles.conversation_lanes_lease_idx;

-- Every turn writes its lane three times; dead index entries before the oldest live one would slow each claim.
alter table truffles.conversation_lanes set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.02);

-- Without statistics the planner took this index for foreign-key checks on (client_id, id), reading every turn of a client;
-- sessions keep such a plan until the next ANALYZE. With a condition it cannot be taken.
drop index truffles.turns_conversation_idx;
create index turns_conversation_idx on truffles.turns (client_id, conversation_id, claimed_at) where conversation_id is not null;

-- The clients that have a lane, each with the time of its first one, in the order of their ids, from after p_from to p_to.
-- One index probe per client, however many lanes it has. No SET clause: it must be inlined, so that a caller's LIMIT ends it.
create function truffles.clients_with_lanes(p_from uuid, p_to uuid)
returns table (client_id uuid, ready_at timestamptz)
language sql stable as $$
  with recursive waiting as (
    (select l.client_id, l.ready_at from truffles.conversation_lanes l
      where l.kind = 'user' and l.ready_at is not null and l.client_id > p_from and l.client_id <= p_to
      order by l.client_id, l.ready_at limit 1)
    union all
    select n.client_id, n.ready_at from waiting w cross join lateral
      (select l.client_id, l.ready_at from truffles.conversation_lanes l
        where l.kind = 'user' and l.ready_at is not null and l.client_id > w.client_id and l.client_id <= p_to
        order by l.client_id, l.ready_at limit 1) n
  )
  select client_id, ready_at from waiting;
$$;

-- Gives one locked lane to the caller. A lane whose lease ran out gives its turn back with the next attempt; the fence
-- is that attempt. A turn that has its outcome only frees its lane (the process died in between), which may then have
-- messages of its own. Answers a row of nulls when nothing was left to claim.
create function truffles.claim_lane(p_lane truffles.conversation_lanes, p_lease_ms integer) returns truffles.turns
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_turn turns;
  v_lease timestamptz := clock_timestamp() + p_lease_ms * interval '1 millisecond';
  v_first timestamptz;
begin
  if p_lane.active_turn_id is not null then
    select * into v_turn from turns t where t.id = p_lane.active_turn_id for update;
    if v_turn.status = 'claimed' then
      update turns t set attempt = t.attempt + 1, claimed_at = clock_timestamp() where t.id = v_turn.id returning * into v_turn;
      update conversation_lanes l set lease_until = v_lease
        where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
      return v_turn;
    end if;
    update conversation_lanes l set active_turn_id = null, lease_until = null
      where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
    if p_lane.due_at is null or p_lane.due_at > clock_timestamp() then
      return null;
    end if;
  end if;

  select min(e.received_at) into v_first from inbound_events e
    where e.client_id = p_lane.client_id and e.channel = p_lane.channel and e.lane_key = p_lane.lane_key
      and e.turn_id is null and e.processed_at is null;
  if v_first is null then
    update conversation_lanes l set due_at = null
      where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
    return null;
  end if;
  insert into turns (client_id, channel, lane_key, kind, status, attempt, claimed_at, received_at)
    values (p_lane.client_id, p_lane.channel, p_lane.lane_key, p_lane.kind, 'claimed', 1, clock_timestamp(), v_first)
    returning * into v_turn;
  update inbound_events e set turn_id = v_turn.id
    where e.client_id = p_lane.client_id and e.channel = p_lane.channel and e.lane_key = p_lane.lane_key
      and e.turn_id is null and e.processed_at is null;
  update conversation_lanes l set active_turn_id = v_turn.id, lease_until = v_lease, due_at = null
    where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
  return v_turn;
end $$;

-- Locks ready lanes of one client: what is on time, oldest first; then the backlog (ready before p_fresh), newest first,
-- because the customer who has just written is the one still looking at the screen.
create function truffles.lock_ready_lanes(p_client_id uuid, p_limit integer, p_now timestamptz, p_fresh timestamptz)
returns setof truffles.conversation_lanes
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_found integer;
begin
  return query select l.* from conversation_lanes l
    where l.kind = 'user' and l.client_id = p_client_id and l.ready_at > p_fresh and l.ready_at <= p_now
    order by l.ready_at limit p_limit for update skip locked;
  get diagnostics v_found = row_count;
  if v_found < p_limit then
    return query select l.* from conversation_lanes l
      where l.kind = 'user' and l.client_id = p_client_id and l.ready_at <= p_fresh
      order by l.ready_at desc limit p_limit - v_found for update skip locked;
  end if;
end $$;

-- Claims ready lanes, one turn each: managers' events first, then customers', shared out between the clients that wait.
--
-- The clients are visited in the order of their ids from p_after on (the last client of the caller's last claim), so that
-- every one has its turn however many there are. Each gives an equal share of p_limit; what some do not need goes to the others.
-- What has waited longer than p_backlog_ms is the backlog of an outage and comes after what is on time.
-- p_kind: 'user', 'manager' or null for both. p_skip: clients to leave out for now.
-- attempt > the caller's maximum means: park the turn instead of running it.
drop function truffles.claim_lanes(integer, integer);
create function truffles.claim_lanes(p_limit integer, p_lease_ms integer, p_kind text default null, p_after uuid default null,
  p_skip uuid[] default '{}', p_backlog_ms integer default 120000)
returns table (turn_id uuid, client_id uuid, channel text, lane_key text, kind text, attempt integer)
language plpgsql security definer set search_path = truffles, pg_temp
-- A queue changes faster than its statistics: after a burst they still say "empty", and the planner would read it all.
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  v_lane conversation_lanes;
  v_turn turns;
  v_now timestamptz := clock_timestamp();
  v_fresh timestamptz := v_now - p_backlog_ms * interval '1 millisecond';
  v_least constant uuid := '00000000-0000-0000-0000-000000000000';
  v_most constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_clients uuid[];
  v_more uuid[];
  v_client uuid;
  v_left integer := p_limit;
  v_share integer;
  v_seen integer;
begin
  if p_kind is distinct from 'user' then
    for v_lane in
      select l.* from conversation_lanes l where l.kind = 'manager' and l.ready_at <= v_now
        order by l.ready_at limit v_left for update skip locked
    loop
      v_turn := claim_lane(v_lane, p_lease_ms);
      continue when v_turn.id is null;
      v_left := v_left - 1;
      turn_id := v_turn.id; client_id := v_turn.client_id; channel := v_turn.channel; lane_key := v_turn.lane_key;
      kind := v_turn.kind; attempt := v_turn.attempt;
      return next;
    end loop;
  end if;
  if p_kind = 'manager' then
    return;
  end if;

  v_clients := array(select c.client_id from clients_with_lanes(coalesce(p_after, v_least), v_most) c
    where c.ready_at <= v_now and c.client_id <> all (p_skip) limit v_left);
  if p_after is not null and cardinality(v_clients) < v_left then
    v_clients := v_clients || array(select c.client_id from clients_with_lanes(v_least, p_after) c
      where c.ready_at <= v_now and c.client_id <> all (p_skip) limit v_left - cardinality(v_clients));
  end if;
  while v_left > 0 and cardinality(v_clients) > 0 loop
    v_share := greatest(1, v_left / cardinality(v_clients));
    v_more := '{}';
    foreach v_client in array v_clients loop
      exit when v_left = 0;
      v_seen := 0;
      for v_lane in select * from lock_ready_lanes(v_client, least(v_share, v_left), v_now, v_fresh)
      loop
        v_seen := v_seen + 1;
        v_turn := claim_lane(v_lane, p_lease_ms);
        continue when v_turn.id is null;
        v_left := v_left - 1;
        turn_id := v_turn.id; client_id := v_turn.client_id; channel := v_turn.channel; lane_key := v_turn.lane_key;
        kind := v_turn.kind; attempt := v_turn.attempt;
        return next;
      end loop;
      if v_seen >= v_share then
        v_more := v_more || v_client;
      end if;
    end loop;
    v_clients := v_more;
  end loop;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('clients_with_lanes', 'claim_lane', 'lock_ready_lanes', 'claim_lanes')
  loop
    execute format('revoke all on function %s from public', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname = 'claim_lanes'
  loop
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
