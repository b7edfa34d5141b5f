-- Every table of the extract is here under its name. What is called like a declared output,
-- `cohort` for cohort.parquet, is written when the script ends.
CREATE TABLE cohort AS
SELECT DISTINCT person_pseudonym
FROM "TABLE";
