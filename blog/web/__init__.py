"""What every page needs: forms, errors, security headers, the asset manifest, the page cache, access rules."""
