-- 0028_own_events_only.sql
-- why: when thousands of conversations waited, claiming a turn and sending a reply read the waiting events of all of them
-- breaking: no
-- lock: none
-- undo: put claim_lane of 0016 and lock_conversation of 0025 back

-- Both functions look for what waits in one lane. Two indexes begin with client and channel, and a planner that expects next to
-- nothing to wait, or whose statistics are of an empty table, finds them equally good. Only inbound_events_waiting_idx has the lane's
-- events in the order of their arrival: asked for that order, and with sorting forbidden, no other is taken.

-- As in 0016.
create or replace function truffles.claim_lane(p_lane truffles.conversation_lanes, p_lease_ms integer) returns truffles.turns
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_turn turns;
  v_lease timestamptz := clock_timestamp() + p_lease_ms * interval '1 millisecond';
  v_first timestamptz;
  v_events uuid[];
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

  select array_agg(w.id), min(w.received_at) into v_events, v_first from (
    select e.id, e.received_at from inbound_events e
      where e.client_id = p_lane.client_id and e.channel = p_lane.channel and e.lane_key = p_lane.lane_key
        and e.turn_id is null and e.processed_at is null
      order by e.received_at) w;
  if v_first is null then
    update conversation_lanes l set due_at = null
      where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
    return null;
  end if;
  insert into turns (client_id, channel, lane_key, kind, status, attempt, claimed_at, received_at)
    values (p_lane.client_id, p_lane.channel, p_lane.lane_key, p_lane.kind, 'claimed', 1, clock_timestamp(), v_first)
    returning * into v_turn;
  -- By id; written so that the index of all that wait does not look fit for it.
  update inbound_events e set turn_id = v_turn.id
    where e.id = any (v_events) and coalesce(e.turn_id, v_turn.id) = v_turn.id and e.processed_at is null;
  update conversation_lanes l set active_turn_id = v_turn.id, lease_until = v_lease, due_at = null
    where l.client_id = p_lane.client_id and l.channel = p_lane.channel and l.lane_key = p_lane.lane_key;
  return v_turn;
end $$;

-- As in 0025. What the lane is called is read first: a join would begin with all that wait.
create or replace function truffles.lock_conversation(p_conversation_id uuid)
returns table (human_active_since timestamptz, address_enc bytea, last_inbound_at timestamptz, has_unsent boolean, owner_wrote boolean)
language plpgsql set search_path = truffles, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  v_client_id uuid;
  v_channel text;
  v_lane_key text;
begin
  select c.human_active_since, u.address_enc, c.last_inbound_at, c.client_id, c.channel, u.address_hash
    into human_active_since, address_enc, last_inbound_at, v_client_id, v_channel, v_lane_key
    from conversations c join users u on u.id = c.user_id and u.client_id = c.client_id
   where c.id = p_conversation_id for update of c;
  if not found then
    return;
  end if;
  has_unsent := exists (select from outbox where conversation_id = p_conversation_id and status in ('queued', 'sending'));
  owner_wrote := exists (select from (
    select e.kind from inbound_events e
      where e.client_id = v_client_id and e.channel = v_channel and e.lane_key = v_lane_key
        and e.turn_id is null and e.processed_at is null and e.kind = 'echo'
      order by e.received_at limit 1) first_echo);
  return next;
end $$;
