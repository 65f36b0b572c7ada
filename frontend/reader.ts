// What every reader's page loads.
document.documentElement.classList.add("scripted");
