/**
 * Loaded before n8n (`NODE_OPTIONS=--require …/dist/hooks/closed-door.js`), because n8n listens long before it loads external
 * hooks. The hook `front-door` opens the door again when n8n is ready; use both or none.
 */
import { closeDoor } from './door-state';

closeDoor();
