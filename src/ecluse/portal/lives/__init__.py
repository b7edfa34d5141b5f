"""What follows a decision or stands beside it: the life of permits, appeals, declarations."""
