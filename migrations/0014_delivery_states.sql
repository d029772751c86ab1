-- 0014_delivery_states.sql
-- why: what became of a sent message must not depend on the order in which its states arrive, nor on whether they
--      arrive before the answer that tells us the provider's id of the message
-- breaking: no
-- lock: outbox and inbound_events, SHARE while the indexes are built; on a filled table about 1 s per million rows
-- undo: drop function apply_delivery_states, delivery_rank; drop the two indexes

create index outbox_provider_message_idx on truffles.outbox (client_id, channel, provider_message_id)
  where provider_message_id is not null;
create index inbound_events_status_idx on truffles.inbound_events (client_id, channel, (event ->> 'messageId'))
  where kind = 'status';

-- queued < sent < delivered < read. 'failed' lies beside them: it says more than 'sent', and less than proof that the
-- message has arrived (a customer with two phones can give both). 'unknown' and 'cancelled' are our own guesses.
create function truffles.delivery_rank(p_status text) returns integer
language sql immutable parallel safe
return case p_status
  when 'unknown' then 1 when 'cancelled' then 1 when 'sent' then 2 when 'failed' then 3 when 'delivered' then 4 when 'read' then 5
  else 0 end;

-- Applies every state that was stored for a message to its outbox row and message: the highest wins, so the result is
-- the same whatever their order. Called when a state arrives, and when we learn the provider's id of a message
-- (p_outbox_id): whichever comes second finds the other, because both take the lock first.
-- p_idempotency_key: our own key, when the provider gives it back with the state; it connects a message whose sending
-- was interrupted before its id was known. A message that then fails gives a manager the handover, as a refused one does.
-- Answers the highest state; null when none has arrived yet.
create function truffles.apply_delivery_states(p_client_id uuid, p_channel text, p_provider_message_id text,
  p_outbox_id uuid, p_idempotency_key text) returns text
language plpgsql set search_path = truffles, pg_temp as $$
declare
  v_status text;
  v_error text;
  v_message record;
  v_handover uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_client_id || ' ' || p_channel || ' ' || p_provider_message_id, 0));
  update outbox o set provider_message_id = p_provider_message_id
   where o.client_id = p_client_id and o.channel = p_channel and o.provider_message_id is distinct from p_provider_message_id
     and (o.id = p_outbox_id or (o.idempotency_key = p_idempotency_key and o.provider_message_id is null));

  select e.event ->> 'status', e.event ->> 'errorCode' into v_status, v_error from inbound_events e
   where e.client_id = p_client_id and e.channel = p_channel and e.kind = 'status'
     and e.event ->> 'messageId' = p_provider_message_id
   order by delivery_rank(e.event ->> 'status') desc, e.received_at limit 1;
  if v_status is null then return null; end if;

  update outbox o set lease_until = null, sent_at = coalesce(o.sent_at, now()),
      status = case v_status when 'failed' then 'failed' else 'sent' end,
      last_error_code = case v_status when 'failed' then coalesce('provider_' || v_error, 'provider') end
   where o.client_id = p_client_id and o.channel = p_channel and o.provider_message_id = p_provider_message_id;

  update messages m set delivery_status = v_status, provider_message_id = p_provider_message_id
    from outbox o
   where o.client_id = p_client_id and o.channel = p_channel and o.provider_message_id = p_provider_message_id
     and m.client_id = o.client_id and m.id = o.message_id and delivery_rank(m.delivery_status) < delivery_rank(v_status)
  returning m.conversation_id, o.turn_id into v_message;
  if v_status <> 'failed' or v_message.conversation_id is null then return v_status; end if;

  insert into handovers (id, client_id, conversation_id, turn_id, reason, status, summary, adapter, notice_status, notice_attempts, next_notice_at)
  values (gen_random_uuid(), p_client_id, v_message.conversation_id, v_message.turn_id, 'error', 'pending', '',
          coalesce((select s.settings -> 'handover' ->> 'adapter' from client_settings s where s.client_id = p_client_id), 'none'),
          'pending', 0, now())
  on conflict (conversation_id) where status <> 'resolved' do nothing
  returning id into v_handover;
  insert into handover_events (client_id, handover_id, kind, actor, detail)
  select p_client_id, h.id, case when h.id = v_handover then 'created' else 'repeated' end, 'bot', '{"reason": "error"}'
    from handovers h where h.client_id = p_client_id and h.conversation_id = v_message.conversation_id and h.status <> 'resolved';
  perform pg_notify('truffles_inbox', '');
  return v_status;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'truffles' and p.proname in ('delivery_rank', 'apply_delivery_states')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to truffles_app', f);
  end loop;
end $$;
