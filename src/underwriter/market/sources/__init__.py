"""One file a format or feed: what it holds, as histories of ours."""
