-- 0027_no_bitmaps.sql
-- why: until a table of some thousand rows is analysed, a look-up by turn or conversation also read all index entries of the client, to intersect both
-- breaking: no
-- lock: none
-- undo: the same loop with "reset enable_bitmapscan"

-- Functions of the hot path read a few rows each, by one index. Sequential scans are forbidden to them already (0026); a bitmap of two
-- indexes is the other plan that looks cheap in the first minutes of an installation and costs more with every message.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'truffles'::regnamespace and p.proconfig @> array['enable_seqscan=off'] loop
    execute format('alter function %s set enable_bitmapscan = off', f);
  end loop;
end $$;
