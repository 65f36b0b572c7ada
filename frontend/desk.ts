// What the desk (authors, moderators) loads.
document.documentElement.classList.add("scripted");
