"""Images of stained sections: uploaded at the bench, cut into tiles, looked at beside the scoring form."""
