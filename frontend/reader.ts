// What every page loads.
import "./comment-thread";
import "./proof-of-work";
import "./reply-preview";
import "./spot-pin";
import "./thread-pages";
import "./trip-map";
import { watchCloserLinks } from "./closer-links";
import { watchEmbeds } from "./embeds";
import { watchPhotoLinks } from "./lightbox";
import { watchNotes } from "./note-links";
import { paintPlaceholders } from "./placeholders";

paintPlaceholders();
watchPhotoLinks();
watchCloserLinks();
watchEmbeds();
watchNotes();
