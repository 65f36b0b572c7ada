"""What readers see: home, trip, post, photo, feeds, sitemap."""
