"""What every page needs: forms, errors, security headers, assets, the page cache, access rules."""
