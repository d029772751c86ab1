-- 0017_outbox_in_order.sql
-- why: at most one sending per conversation is under way, in the order of writing, and one client's queue does not hold the others'
-- breaking: no
-- lock: outbox, ACCESS EXCLUSIVE while the columns are added (rewrites the table: about a second per million rows)
-- undo: drop the functions and indexes named here and the columns ready_at and started_attempt; put claim_outbox, next_inbox_due_ms and outbox_due_idx,
--       outbox_lease_idx, outbox_conversation_idx of 0006 and 0010 back

-- When a message can be claimed: it is due, or the process that was sending it is gone. Null: it is settled.
alter table truffles.outbox add column ready_at timestamptz
  generated always as (case status when 'queued' then next_attempt_at when 'sending' then lease_until end) stored;

-- The attempt whose call to the channel may have been made. Claiming alone sends nothing: a process that dies between
-- claiming and calling leaves a message that is certainly not sent.
alter table truffles.outbox add column started_attempt integer not null default 0;
update truffles.outbox set started_attempt = attempts where status = 'sending';

-- Before this migration two could be under way; which one arrived is not known of either, so the older one is not sent again.
update truffles.outbox o set status = 'unknown', last_error_code = 'interrupted', lease_until = null
  where o.status = 'sending' and exists (select from truffles.outbox later
    where later.conversation_id = o.conversation_id and later.status = 'sending' and (later.created_at, later.id) > (o.created_at, o.id));
create unique index outbox_one_in_flight_idx on truffles.outbox (conversation_id) where status = 'sending';
create index outbox_unsent_idx on truffles.outbox (conversation_id, created_at, id) where status in ('queued', 'sending');
create index outbox_ready_idx on truffles.outbox (ready_at) where ready_at is not null;
create index outbox_client_ready_idx on truffles.outbox (client_id, ready_at) where ready_at is not null;
drop index truffles.outbox_due_idx;
drop index truffles.outbox_lease_idx;
-- Like turns_conversation_idx in 0016: foreign-key checks must not take it.
drop index truffles.outbox_conversation_idx;
create index outbox_conversation_idx on truffles.outbox (conversation_id, created_at);
alter table truffles.outbox set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.02);

-- As clients_with_lanes, for messages to send.
create function truffles.clients_with_outbox(p_from uuid, p_to uuid)
returns table (client_id uuid, ready_at timestamptz)
language sql stable as $$
  with recursive waiting as (
    (select o.client_id, o.ready_at from truffles.outbox o
      where o.ready_at is not null and o.client_id > p_from and o.client_id <= p_to
      order by o.client_id, o.ready_at limit 1)
    union all
    select n.client_id, n.ready_at from waiting w cross join lateral
      (select o.client_id, o.ready_at from truffles.outbox o
        where o.ready_at is not null and o.client_id > w.client_id and o.client_id <= p_to
        order by o.client_id, o.ready_at limit 1) n
  )
  select client_id, ready_at from waiting;
$$;

-- Messages to send: queued ones that are due, and ones whose sender is gone (uncertain = true when the call to the channel may
-- have been made), shared out between the clients as in claim_lanes. Of a conversation only the oldest unsent message is given out, and none while another one is
-- under way; who marks a message as being sent holds the lock of its conversation.
drop function truffles.claim_outbox(integer, integer);
create function truffles.claim_outbox(p_limit integer, p_lease_ms integer, p_after uuid default null)
returns table (outbox_id uuid, client_id uuid, attempt integer, uncertain boolean)
language plpgsql security definer set search_path = truffles, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  v_message outbox;
  v_now timestamptz := clock_timestamp();
  v_least constant uuid := '00000000-0000-0000-0000-000000000000';
  v_most constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_clients uuid[];
  v_more uuid[];
  v_client uuid;
  v_left integer := p_limit;
  v_share integer;
  v_given integer;
begin
  v_clients := array(select c.client_id from clients_with_outbox(coalesce(p_after, v_least), v_most) c
    where c.ready_at <= v_now limit v_left);
  if p_after is not null and cardinality(v_clients) < v_left then
    v_clients := v_clients || array(select c.client_id from clients_with_outbox(v_least, p_after) c
      where c.ready_at <= v_now limit v_left - cardinality(v_clients));
  end if;
  while v_left > 0 and cardinality(v_clients) > 0 loop
    v_share := greatest(1, v_left / cardinality(v_clients));
    v_more := '{}';
    foreach v_client in array v_clients loop
      exit when v_left = 0;
      v_given := 0;
      for v_message in
        select o.* from outbox o
          where o.client_id = v_client and o.ready_at <= v_now and not exists (
            select from outbox earlier where earlier.conversation_id = o.conversation_id
              and earlier.status in ('queued', 'sending') and (earlier.created_at, earlier.id) < (o.created_at, o.id))
          order by o.ready_at limit least(v_share, v_left) for update skip locked
      loop
        -- A turn that is about to send holds this lock; its message may come before ours.
        perform from conversations c where c.id = v_message.conversation_id for no key update skip locked;
        continue when not found;
        continue when exists (select from outbox o where o.conversation_id = v_message.conversation_id
          and o.status = 'sending' and o.id <> v_message.id);
        update outbox o set status = 'sending', attempts = o.attempts + 1,
            lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
          where o.id = v_message.id;
        v_given := v_given + 1;
        v_left := v_left - 1;
        outbox_id := v_message.id; client_id := v_message.client_id; attempt := v_message.attempts + 1;
        uncertain := v_message.status = 'sending' and v_message.started_attempt = v_message.attempts;
        return next;
      end loop;
      if v_given >= v_share then
        v_more := v_more || v_client;
      end if;
    end loop;
    v_clients := v_more;
  end loop;
end $$;

-- Milliseconds until work of each kind can be claimed (negative: overdue); null when none waits. The trigger sleeps this
-- long unless notified. p_skip: clients whose turns the caller would not take now.
create function truffles.inbox_due(p_skip uuid[] default '{}')
returns table (turns_ms double precision, handover_ms double precision, outbox_ms double precision)
language sql stable security definer set search_path = truffles, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select extract(epoch from turns.at - clock_timestamp()) * 1000,
         extract(epoch from least(managers.at, notices.at) - clock_timestamp()) * 1000,
         extract(epoch from messages.at - clock_timestamp()) * 1000
    from (select min(c.ready_at) as at
            from clients_with_lanes('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff') c
           where c.client_id <> all (p_skip)) turns,
         (select min(ready_at) as at from conversation_lanes where kind = 'manager') managers,
         (select min(next_notice_at) as at from handovers where notice_status = 'pending' and status <> 'resolved') notices,
         -- What waits behind an earlier message of its conversation is not due, however long ago its time was.
         (select (select o.ready_at from outbox o
                   where o.ready_at is not null and not exists (
                     select from outbox earlier where earlier.conversation_id = o.conversation_id
                       and earlier.status in ('queued', 'sending') and (earlier.created_at, earlier.id) < (o.created_at, o.id))
                   order by o.ready_at limit 1) as at) messages;
$$;

create or replace function truffles.next_inbox_due_ms() returns double precision
language sql stable security definer set search_path = truffles, pg_temp as $$
  select least(turns_ms, handover_ms, outbox_ms) from inbox_due();
$$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('clients_with_outbox', 'claim_outbox', 'inbox_due')
  loop
    execute format('revoke all on function %s from public', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('claim_outbox', 'inbox_due')
  loop
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
