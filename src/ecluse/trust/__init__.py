"""What makes a document believable: keys, signatures, the journal, the mailbox between planes."""
