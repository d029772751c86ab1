-- 0012_budgets.sql
-- why: a budget is held before a call and settled after it, so that parallel calls cannot pass it together
-- breaking: no
-- lock: none; all tables are new
-- undo: drop function truffles.reserve_budget and settle_calls; drop table budget_alerts, budget_reservations

-- What calls in flight may cost. A row nobody settles is no longer counted after expires_at.
create table truffles.budget_reservations (
  id uuid constraint budget_reservations_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint budget_reservations_client_id_fkey references truffles.clients (id),
  amount_tiyn bigint not null constraint budget_reservations_amount_tiyn_check check (amount_tiyn > 0),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index budget_reservations_client_idx on truffles.budget_reservations (client_id, expires_at);

-- Levels (percent) that were crossed and said so, once per client, period and level.
create table truffles.budget_alerts (
  client_id uuid not null constraint budget_alerts_client_id_fkey references truffles.clients (id),
  period text not null constraint budget_alerts_period_check check (period in ('day', 'month')),
  period_start date not null,
  level integer not null constraint budget_alerts_level_check check (level between 1 and 100),
  spent_tiyn bigint not null,
  limit_tiyn bigint not null,
  created_at timestamptz not null default now(),
  constraint budget_alerts_pkey primary key (client_id, period, period_start, level)
);

alter table truffles.budget_reservations enable row level security;
alter table truffles.budget_alerts enable row level security;
create policy budget_reservations_tenant on truffles.budget_reservations
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy budget_alerts_tenant on truffles.budget_alerts
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, delete on truffles.budget_reservations to truffles_app;
grant select, insert on truffles.budget_alerts to truffles_app;

-- Holds p_amount_tiyn, or answers which period is used up ('day' or 'month'). A null limit is no limit.
-- The lock makes check and insert one step for each client. What was spent and what is held are read by one statement,
-- because a settlement moves an amount from one to the other in one commit. Not flushed to disk: a reservation lost in
-- a crash of the server belonged to a call that was lost with it.
create function truffles.reserve_budget(p_client_id uuid, p_now timestamptz, p_time_zone text, p_daily_tiyn bigint,
  p_monthly_tiyn bigint, p_amount_tiyn bigint, p_ttl_ms integer)
returns table (reservation_id uuid, reached text)
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_today date := (p_now at time zone p_time_zone)::date;
  v_month date := date_trunc('month', p_now at time zone p_time_zone)::date;
  v_day_spent numeric;
  v_month_spent numeric;
  v_held numeric;
begin
  perform bind_client(p_client_id);
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(hashtextextended('truffles.budget:' || p_client_id, 0));
  delete from budget_reservations r where r.client_id = p_client_id and r.expires_at <= p_now;
  select coalesce(sum(u.cost_kzt) filter (where u.day = v_today), 0) * 100, coalesce(sum(u.cost_kzt), 0) * 100,
         (select coalesce(sum(r.amount_tiyn), 0) from budget_reservations r where r.client_id = p_client_id)
    into v_day_spent, v_month_spent, v_held
    from usage u where u.client_id = p_client_id and u.day >= v_month and u.day < v_month + interval '1 month';
  if v_month_spent + v_held + p_amount_tiyn > p_monthly_tiyn then
    reached := 'month';
  elsif v_day_spent + v_held + p_amount_tiyn > p_daily_tiyn then
    reached := 'day';
  else
    insert into budget_reservations (client_id, amount_tiyn, expires_at)
      values (p_client_id, p_amount_tiyn, p_now + p_ttl_ms * interval '1 millisecond')
      returning id into reservation_id;
  end if;
  return next;
end $$;

-- Bills the calls, gives the reservation back and answers the alert levels that are reached; safe to repeat.
-- An expired or unknown reservation changes nothing: the calls are billed all the same.
-- alerts: [{period, level, spentTiyn, limitTiyn, isFirst}]; isFirst is true for exactly one settlement.
create function truffles.settle_calls(p_client_id uuid, p_now timestamptz, p_time_zone text, p_daily_tiyn bigint,
  p_monthly_tiyn bigint, p_reservation_id uuid, p_conversation_id uuid, p_turn_id uuid, p_usd_kzt_rate numeric, p_calls jsonb)
returns table (written integer, alerts jsonb)
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_today date := (p_now at time zone p_time_zone)::date;
  v_month date := date_trunc('month', p_now at time zone p_time_zone)::date;
begin
  perform bind_client(p_client_id);
  -- The same lock as reserve_budget: two settlements that cross a level together see one another's cost.
  if p_daily_tiyn is not null or p_monthly_tiyn is not null then
    perform pg_advisory_xact_lock(hashtextextended('truffles.budget:' || p_client_id, 0));
  end if;
  written := case when jsonb_array_length(p_calls) = 0 then 0
    else record_billing_events(p_client_id, p_conversation_id, p_turn_id, p_usd_kzt_rate, p_now, p_calls) end;
  delete from budget_reservations r where r.id = p_reservation_id and r.client_id = p_client_id;
  alerts := '[]'::jsonb;
  if p_daily_tiyn is null and p_monthly_tiyn is null then return next; return; end if;

  with spent as (
    select ceil(coalesce(sum(u.cost_kzt) filter (where u.day = v_today), 0) * 100)::bigint as today,
           ceil(coalesce(sum(u.cost_kzt), 0) * 100)::bigint as month
      from usage u where u.client_id = p_client_id and u.day >= v_month and u.day < v_month + interval '1 month'
  ), crossed as (
    select l.period, l.period_start, v.level, l.spent_tiyn, l.limit_tiyn
      from spent s
      cross join lateral (values ('day', v_today, s.today, p_daily_tiyn), ('month', v_month, s.month, p_monthly_tiyn))
        as l(period, period_start, spent_tiyn, limit_tiyn)
      cross join (values (80), (100)) as v(level)
     where l.spent_tiyn > 0 and l.spent_tiyn * 100 >= l.limit_tiyn * v.level
  ), fresh as (
    insert into budget_alerts (client_id, period, period_start, level, spent_tiyn, limit_tiyn)
      select p_client_id, c.period, c.period_start, c.level, c.spent_tiyn, c.limit_tiyn from crossed c
      on conflict (client_id, period, period_start, level) do nothing
      returning period, level
  )
  select coalesce(jsonb_agg(jsonb_build_object('period', c.period, 'level', c.level, 'spentTiyn', c.spent_tiyn,
           'limitTiyn', c.limit_tiyn, 'isFirst', f.level is not null) order by c.period, c.level), '[]'::jsonb)
    into alerts from crossed c left join fresh f on f.period = c.period and f.level = c.level;
  return next;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('reserve_budget', 'settle_calls')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
