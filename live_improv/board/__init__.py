"""The scoreboard: solos of ours and of baselines, judged beside human ones."""
