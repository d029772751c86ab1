-- 0003_knowledge.sql
-- why: a client's documents and their chunks; PostgreSQL is the truth from which a lost Qdrant collection is rebuilt
-- breaking: no
-- lock: none; all tables are new
-- undo: drop table knowledge_chunks, documents

create table truffles.documents (
  id uuid constraint documents_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint documents_client_id_fkey references truffles.clients (id),
  kind text not null,
  path text not null,
  content_hash text not null,
  body text not null,
  metadata jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  constraint documents_client_id_id_key unique (client_id, id),
  constraint documents_client_id_path_key unique (client_id, path)
);

create table truffles.knowledge_chunks (
  id uuid constraint knowledge_chunks_pkey primary key default gen_random_uuid(),
  client_id uuid not null constraint knowledge_chunks_client_id_fkey references truffles.clients (id),
  document_id uuid not null,
  ordinal integer not null,
  title text,
  text text not null,
  content_hash text not null,
  knowledge_tag text,
  language text,
  valid_from timestamptz,
  valid_to timestamptz,
  metadata jsonb not null default '{}',
  constraint knowledge_chunks_client_id_document_id_fkey foreign key (client_id, document_id)
    references truffles.documents (client_id, id) on delete cascade,
  constraint knowledge_chunks_client_id_document_id_ordinal_key unique (client_id, document_id, ordinal)
);

alter table truffles.documents enable row level security;
alter table truffles.knowledge_chunks enable row level security;
create policy documents_tenant on truffles.documents
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
create policy knowledge_chunks_tenant on truffles.knowledge_chunks
  using (client_id = (select truffles.current_client())) with check (client_id = (select truffles.current_client()));
grant select, insert, update, delete on truffles.documents, truffles.knowledge_chunks to truffles_app;
