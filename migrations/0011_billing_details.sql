-- 0011_billing_details.sql
-- why: the bill tells cache writes, reasoning and the service tier apart; usage counts calls and cost per day of the client
-- breaking: no
-- lock: billing_events, ACCESS EXCLUSIVE for an instant (columns with constant defaults); then SHARE while existing rows are counted
-- undo: drop trigger billing_events_counted, drop function truffles.count_billing_events() and record_billing_events(), drop the columns

alter table truffles.billing_events
  add column cache_write_tokens integer not null default 0,
  add column reasoning_tokens integer not null default 0,
  add column tier text;

-- Binds the transaction to a client, as the nodes do with set_config; refuses to change a binding.
create function truffles.bind_client(p_client_id uuid) returns void
language plpgsql set search_path = truffles, pg_temp as $$
begin
  if truffles.current_client() is not distinct from p_client_id then return; end if;
  if truffles.current_client() is not null then
    raise exception 'this transaction is bound to another client' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('truffles.client_id', p_client_id::text, true);
end $$;

-- Counters of budgets. A trigger, so that they are right whoever writes the bill; a row that was there already
-- (on conflict do nothing) is not in "added" and is not counted again. Ordered, so that two writers cannot deadlock.
create function truffles.count_billing_events() returns trigger
language plpgsql set search_path = truffles, pg_temp as $$
begin
  insert into usage as u (client_id, day, model_calls, cost_usd, cost_kzt)
    select e.client_id, (e.created_at at time zone c.time_zone)::date, count(*), sum(e.cost_usd), sum(e.cost_kzt)
      from added e join clients c on c.id = e.client_id
     group by 1, 2 order by 1, 2
  on conflict (client_id, day) do update set model_calls = u.model_calls + excluded.model_calls,
    cost_usd = u.cost_usd + excluded.cost_usd, cost_kzt = u.cost_kzt + excluded.cost_kzt;
  return null;
end $$;
create trigger billing_events_counted after insert on truffles.billing_events
  referencing new table as added for each statement execute function truffles.count_billing_events();

insert into truffles.usage as u (client_id, day, model_calls, cost_usd, cost_kzt)
  select e.client_id, (e.created_at at time zone c.time_zone)::date, count(*), sum(e.cost_usd), sum(e.cost_kzt)
    from truffles.billing_events e join truffles.clients c on c.id = e.client_id
   group by 1, 2
on conflict (client_id, day) do update set model_calls = excluded.model_calls,
  cost_usd = excluded.cost_usd, cost_kzt = excluded.cost_kzt;

-- One row per call and the cost of the new ones onto their turn, in one round trip. Answers how many rows were new.
-- p_calls: [{id, purpose, provider, model, status, error_code, input_tokens, cached_input_tokens, cache_write_tokens,
--            output_tokens, reasoning_tokens, tier, cost_usd, cost_kzt, latency_ms}]
-- Runs with the caller's rights: row-level security decides whose bill it is.
create function truffles.record_billing_events(p_client_id uuid, p_conversation_id uuid, p_turn_id uuid, p_usd_kzt_rate numeric,
  p_at timestamptz, p_calls jsonb) returns integer
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_written integer;
  v_usd numeric;
  v_kzt numeric;
begin
  perform bind_client(p_client_id);
  with added as (
    insert into billing_events (id, client_id, conversation_id, turn_id, purpose, provider, model, status, error_code,
      input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, tier,
      cost_usd, cost_kzt, usd_kzt_rate, latency_ms, created_at)
    select x.id, p_client_id, p_conversation_id, p_turn_id, x.purpose, x.provider, x.model, x.status, x.error_code,
      x.input_tokens, x.cached_input_tokens, x.cache_write_tokens, x.output_tokens, x.reasoning_tokens, x.tier,
      x.cost_usd, x.cost_kzt, p_usd_kzt_rate, x.latency_ms, coalesce(p_at, now())
      from jsonb_to_recordset(p_calls) as x(id uuid, purpose text, provider text, model text, status text, error_code text,
        input_tokens integer, cached_input_tokens integer, cache_write_tokens integer, output_tokens integer,
        reasoning_tokens integer, tier text, cost_usd numeric, cost_kzt numeric, latency_ms integer)
    on conflict (id) do nothing
    returning cost_usd, cost_kzt
  )
  select count(*)::integer, coalesce(sum(added.cost_usd), 0), coalesce(sum(added.cost_kzt), 0)
    into v_written, v_usd, v_kzt from added;
  if v_written > 0 and p_turn_id is not null then
    update turns t set cost_usd = t.cost_usd + v_usd, cost_kzt = t.cost_kzt + v_kzt
      where t.id = p_turn_id and t.client_id = p_client_id;
  end if;
  return v_written;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('bind_client', 'count_billing_events', 'record_billing_events')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
