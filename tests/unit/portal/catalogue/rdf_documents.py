"""Small documents of RDF, whole in sight."""

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dpv: <https://w3id.org/dpv#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geodcatap: <http://data.europa.eu/930/> .
@prefix healthdcatap: <http://healthdataportal.eu/ns/health#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix ex: <https://source.example/> .
"""
HEART = f"""{PREFIXES}
ex:heart a dcat:Dataset ;
    dct:identifier "HEART-1" ;
    dct:title "Registre du cœur"@fr, "Heart registry"@en ;
    dct:description "Infarctus et suites"@fr ;
    geodcatap:custodian [ a foaf:Agent ; foaf:name "CHU d’Exemple" ] ;
    healthdcatap:numberOfUniqueIndividuals "1200"^^xsd:nonNegativeInteger .
"""
LUNG = f"""{PREFIXES}
ex:lung a dcat:Dataset ; dct:identifier "LUNG-1" ; dct:title "Registre du poumon"@fr .
"""
BOTH = HEART + LUNG
