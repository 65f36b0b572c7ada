// What the desk (authors, moderators) loads beside what every page loads.
import "./clock-desk";
import "./moderation-queue";
import "./photo-library";
import "./photo-tray";
import "./photo-upload";
import "./place-editor";
import "./post-editor";
import "./privacy-editor";
import "./region-desk";
